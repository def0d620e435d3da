# bash completion for drydial. Made by `make docs` from the descriptions of the commands in src/cli.
# shellcheck shell=bash
_drydial_commands="call test check explore graph list campaign serve phone"

# $word, what is typed so far, chooses from the words $1.
_drydial_words() {
	local line
	while read -r line; do COMPREPLY+=("$line"); done < <(
		compgen -W "$1" -- "$word"
	)
	[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
	return 0
}

# Folders, and files that end in one of the arguments; all files without any.
_drydial_files() {
	local line ending
	compopt -o filenames 2>/dev/null
	while read -r line; do COMPREPLY+=("$line"); done < <(
		if [ $# = 0 ]; then compgen -f -- "$word"; else compgen -d -- "$word"; fi
		for ending; do compgen -f -X "!*.$ending" -- "$word"; done
	)
}

_drydial_folders() {
	_drydial_files /
}

_drydial_call() {
	verb=""
	case "$verb $before" in
	" --var")
		;;
	" --from")
		;;
	" --keys")
		;;
	" --press")
		;;
	" --reply")
		;;
	" --connect")
		;;
	" --speak")
		;;
	" --machine-greeting")
		;;
	" --allow-host")
		;;
	" --answered-by")
		_drydial_words "human machine busy no-answer failed canceled"
		;;
	" --at")
		;;
	" --dial")
		;;
	" --dialect")
		_drydial_words "twiml exoml"
		;;
	" --method")
		_drydial_words "POST GET"
		;;
	" --param")
		;;
	" --auth-token")
		;;
	" --fallback")
		;;
	" --latency")
		;;
	" --tape")
		_drydial_files
		;;
	" --replay")
		_drydial_files
		;;
	" --documents")
		_drydial_folders
		;;
	" --public-url")
		;;
	" --map")
		;;
	" --faults")
		_drydial_words "list late none 500 half twice lost hang-up keys callback-first"
		;;
	" --time-limit")
		;;
	" --ring-timeout")
		;;
	" --line")
		_drydial_words "phone alaw mulaw wide"
		;;
	" --record")
		_drydial_files wav
		;;
	" --format")
		_drydial_words "text json"
		;;
	" --voice")
		;;
	" --seed")
		;;
	" --save-scenario")
		_drydial_files yaml
		;;
	*) _drydial_operands_of_call ;;
	esac
}

_drydial_operands_of_call() {
	case "$verb $word" in
	" -"*) _drydial_words "--var --from --keys --press --reply --connect --speak --machine-greeting --fast --live --allow-host --answered-by --at --outbound --dial --dialect --method --param --auth-token --fallback --latency --tape --replay --documents --public-url --map --faults --time-limit --ring-timeout --line --record --mute --format --no-color --voice --seed --save-scenario --help" ;;
	" "*)
		_drydial_files yaml yml
		;;
	esac
}

_drydial_test() {
	verb=""
	case "$verb $before" in
	" --only")
		_drydial_files test.yaml
		;;
	" --skip")
		_drydial_files test.yaml
		;;
	" --jobs")
		;;
	" --format")
		_drydial_words "text tap junit json html"
		;;
	" --report")
		_drydial_words "text= tap= junit= json= html="
		;;
	" --coverage")
		_drydial_words "table annotate lcov"
		;;
	" --coverage-min")
		;;
	" --write-missing")
		_drydial_files test.yaml
		;;
	" --mutate-min")
		;;
	" --faults")
		_drydial_words "list each late none 500 half twice lost hang-up keys callback-first"
		;;
	" --from")
		;;
	" --record")
		_drydial_folders
		;;
	" --line")
		_drydial_words "phone alaw mulaw wide"
		;;
	*) _drydial_operands_of_test ;;
	esac
}

_drydial_operands_of_test() {
	case "$verb $word" in
	" -"*) _drydial_words "--only --skip --jobs --keep-going --fail-fast --verbose --format --report --coverage --coverage-min --write-missing --mutate --mutate-min --update --start --faults --watch --real-time --from --mute --record --record-all --line --no-color --help" ;;
	" "*)
		_drydial_files test.yaml
		;;
	esac
}

_drydial_check() {
	verb=""
	case "$verb $before" in
	" --rule")
		_drydial_words "message-length= monologue-length= purpose-late= greeting-length= menu-prompt-length= greeting-endless= timeout-short= timeout-long= passthru-slow= hold-missing= silent-flow= call-drops= unreachable= dead-exit= endless-loop= no-goal= goal-unreachable= goal-far= flow-size= transfer-depth= no-menu= menu-width= menu-depth= no-way-back= retries-zero= retries-many= no-timeout-branch= no-invalid-message= same-answer-twice= key-not-announced= announced-key-missing= key-announced-twice= key-unheard= collect-finish= collect-digits= key-order= key-before-action= passthru-no-fallback= passthru-insecure= unknown-variable= no-opt-out= opt-out-not-followed-up= responses-not-captured= not-personal= no-sms-backup= sms-not-sent= sms-segments= sms-template= sms-sender= sms-variable= sms-unlike-template= otp-digits= otp-repeat= bare-number= abbreviation= read-oddly= unspeakable= language-mismatch= words-cut= placeholder-empty= unused-variable= audio-missing= audio-format= audio-size= branch-no-otherwise= connect-no-fallback= connect-ring= connect-no-talk= record-no-beep= audio-level= voicemail-leak= voicemail-cut="
		;;
	" --at")
		;;
	" --contacts")
		_drydial_files csv
		;;
	" --shard")
		;;
	" --country")
		_drydial_words "IN US GB"
		;;
	" --voice")
		_drydial_words "espeak model"
		;;
	" --explain")
		_drydial_words "all message-length monologue-length purpose-late greeting-length menu-prompt-length greeting-endless timeout-short timeout-long passthru-slow hold-missing silent-flow call-drops unreachable dead-exit endless-loop no-goal goal-unreachable goal-far flow-size transfer-depth no-menu menu-width menu-depth no-way-back retries-zero retries-many no-timeout-branch no-invalid-message same-answer-twice key-not-announced announced-key-missing key-announced-twice key-unheard collect-finish collect-digits key-order key-before-action passthru-no-fallback passthru-insecure unknown-variable no-opt-out opt-out-not-followed-up responses-not-captured not-personal no-sms-backup sms-not-sent sms-segments sms-template sms-sender sms-variable sms-unlike-template otp-digits otp-repeat bare-number abbreviation read-oddly unspeakable language-mismatch words-cut placeholder-empty unused-variable audio-missing audio-format audio-size branch-no-otherwise connect-no-fallback connect-ring connect-no-talk record-no-beep audio-level voicemail-leak voicemail-cut"
		;;
	" --format")
		_drydial_words "text json sarif github junit"
		;;
	" --dialect")
		_drydial_words "twiml exoml"
		;;
	" --method")
		_drydial_words "POST GET"
		;;
	" --param")
		;;
	" --auth-token")
		;;
	" --fallback")
		;;
	" --latency")
		;;
	" --tape")
		_drydial_files
		;;
	" --replay")
		_drydial_files
		;;
	" --documents")
		_drydial_folders
		;;
	" --public-url")
		;;
	" --map")
		;;
	" --allow-host")
		;;
	" --max-calls")
		;;
	" --max-depth")
		;;
	*) _drydial_operands_of_check ;;
	esac
}

_drydial_operands_of_check() {
	case "$verb $word" in
	" -"*) _drydial_words "--rule --strict --at --lengths --spoken --contacts --shard --country --voice --fix --write --explain --format --dialect --method --param --auth-token --fallback --latency --tape --replay --documents --public-url --map --allow-host --live --max-calls --max-depth --yes --no-color --help" ;;
	" "*)
		_drydial_files yaml yml
		;;
	esac
}

_drydial_explore() {
	verb=""
	case "$verb $before" in
	" --var")
		;;
	" --paths")
		;;
	" --show")
		;;
	" --max-states")
		;;
	" --at")
		;;
	" --dialect")
		_drydial_words "twiml exoml"
		;;
	" --method")
		_drydial_words "POST GET"
		;;
	" --param")
		;;
	" --auth-token")
		;;
	" --fallback")
		;;
	" --latency")
		;;
	" --tape")
		_drydial_files
		;;
	" --replay")
		_drydial_files
		;;
	" --documents")
		_drydial_folders
		;;
	" --public-url")
		;;
	" --map")
		;;
	" --allow-host")
		;;
	" --max-calls")
		;;
	" --max-depth")
		;;
	" --format")
		_drydial_words "text json"
		;;
	*) _drydial_operands_of_explore ;;
	esac
}

_drydial_operands_of_explore() {
	case "$verb $word" in
	" -"*) _drydial_words "--var --paths --show --max-states --at --dialect --method --param --auth-token --fallback --latency --tape --replay --documents --public-url --map --allow-host --live --max-calls --max-depth --yes --format --no-color --help" ;;
	" "*)
		_drydial_files yaml yml
		;;
	esac
}

_drydial_graph() {
	verb=""
	case "$verb $before" in
	" --format")
		_drydial_words "text svg png mermaid dot"
		;;
	" --path")
		;;
	" --coverage")
		_drydial_files json
		;;
	" --var")
		;;
	" --dialect")
		_drydial_words "twiml exoml"
		;;
	" --method")
		_drydial_words "POST GET"
		;;
	" --param")
		;;
	" --auth-token")
		;;
	" --fallback")
		;;
	" --latency")
		;;
	" --tape")
		_drydial_files
		;;
	" --replay")
		_drydial_files
		;;
	" --documents")
		_drydial_folders
		;;
	" --public-url")
		;;
	" --map")
		;;
	" --allow-host")
		;;
	" --max-calls")
		;;
	" --max-depth")
		;;
	*) _drydial_operands_of_graph ;;
	esac
}

_drydial_operands_of_graph() {
	case "$verb $word" in
	" -"*) _drydial_words "--format --path --coverage --var --no-findings --dialect --method --param --auth-token --fallback --latency --tape --replay --documents --public-url --map --allow-host --live --max-calls --max-depth --yes --no-color --help" ;;
	" "*)
		_drydial_files yaml yml
		;;
	esac
}

_drydial_list() {
	verb=""
	case "$verb $before" in
	" --flow")
		_drydial_files yaml yml
		;;
	" --country")
		_drydial_words "IN US GB"
		;;
	" --fix")
		_drydial_files csv
		;;
	" --rest")
		_drydial_files csv
		;;
	" --format")
		_drydial_words "text json"
		;;
	*) _drydial_operands_of_list ;;
	esac
}

_drydial_operands_of_list() {
	case "$verb $word" in
	" -"*) _drydial_words "--flow --country --fix --rest --format --no-color --help" ;;
	" "*)
		_drydial_files csv
		;;
	esac
}

_drydial_campaign() {
	case $verb in
	check | sample | calibrate | review | merge) ;;
	*) verb="" ;;
	esac
	case "$verb $before" in
	" --flow")
		_drydial_files yaml yml
		;;
	" --contacts")
		_drydial_files csv
		;;
	" --audience")
		_drydial_files yaml yml json
		;;
	" --profile")
		_drydial_words "trai tcpa ofcom none"
		_drydial_files yaml yml json
		;;
	" --dnd")
		_drydial_files
		;;
	" --seed")
		;;
	" --shard")
		;;
	" --runs")
		;;
	" --what-if")
		_drydial_words "concurrency= throttle= max_attempts= interval_minutes="
		;;
	" --deadline")
		;;
	" --calls")
		_drydial_files csv db
		;;
	" --fail-under")
		;;
	" --format")
		_drydial_words "text json csv html"
		;;
	"check --flow")
		_drydial_files yaml yml
		;;
	"check --contacts")
		_drydial_files csv
		;;
	"check --audience")
		_drydial_files yaml yml json
		;;
	"check --profile")
		_drydial_words "trai tcpa ofcom none"
		_drydial_files yaml yml json
		;;
	"check --dnd")
		_drydial_files
		;;
	"check --seed")
		;;
	"check --shard")
		;;
	"check --runs")
		;;
	"check --what-if")
		_drydial_words "concurrency= throttle= max_attempts= interval_minutes="
		;;
	"check --deadline")
		;;
	"check --calls")
		_drydial_files csv db
		;;
	"check --fail-under")
		;;
	"check --rule")
		_drydial_words "hours-not-set= outside-hours= never-open= window-too-short= campaign-too-long= timing-reminder= timing-survey= timing-payment= timing-delivery= timing-promotion= hours-never-met= attempts-a-day= attempts-over-limit= interval-short= retry-outside-hours= retry-past-end= concurrency-over-account= throttle-over-account= list-too-long= dnd-number= consent-missing= number-duplicate= number-invalid= value-missing= value-example= value-wrong= nobody-callable= sms-unlike-template= caller-id-missing= caller-id-placeholder= caller-id-invalid= caller-id-series= low-answers= no-sms-if-unanswered= sms-unanswered-long= sms-unanswered-value= no-opt-out= message-too-long= flow-unknown="
		;;
	"check --explain")
		_drydial_words "all hours-not-set outside-hours never-open window-too-short campaign-too-long timing-reminder timing-survey timing-payment timing-delivery timing-promotion hours-never-met attempts-a-day attempts-over-limit interval-short retry-outside-hours retry-past-end concurrency-over-account throttle-over-account list-too-long dnd-number consent-missing number-duplicate number-invalid value-missing value-example value-wrong nobody-callable sms-unlike-template caller-id-missing caller-id-placeholder caller-id-invalid caller-id-series low-answers no-sms-if-unanswered sms-unanswered-long sms-unanswered-value no-opt-out message-too-long flow-unknown"
		;;
	"check --format")
		_drydial_words "text json sarif github junit"
		;;
	"sample --flow")
		_drydial_files yaml yml
		;;
	"sample --contacts")
		_drydial_files csv
		;;
	"sample --audience")
		_drydial_files yaml yml json
		;;
	"sample --profile")
		_drydial_words "trai tcpa ofcom none"
		_drydial_files yaml yml json
		;;
	"sample --dnd")
		_drydial_files
		;;
	"sample --seed")
		;;
	"sample --shard")
		;;
	"sample --runs")
		;;
	"sample --what-if")
		_drydial_words "concurrency= throttle= max_attempts= interval_minutes="
		;;
	"sample --deadline")
		;;
	"sample --calls")
		_drydial_files csv db
		;;
	"sample --fail-under")
		;;
	"sample --number")
		;;
	"sample --record")
		_drydial_files wav
		;;
	"sample --save-scenario")
		_drydial_files yaml
		;;
	"sample --format")
		_drydial_words "text json csv html"
		;;
	"calibrate --flow")
		_drydial_files yaml yml
		;;
	"calibrate --contacts")
		_drydial_files csv
		;;
	"calibrate --audience")
		_drydial_files yaml yml json
		;;
	"calibrate --profile")
		_drydial_words "trai tcpa ofcom none"
		_drydial_files yaml yml json
		;;
	"calibrate --dnd")
		_drydial_files
		;;
	"calibrate --seed")
		;;
	"calibrate --shard")
		;;
	"calibrate --runs")
		;;
	"calibrate --what-if")
		_drydial_words "concurrency= throttle= max_attempts= interval_minutes="
		;;
	"calibrate --deadline")
		;;
	"calibrate --calls")
		_drydial_files csv db
		;;
	"calibrate --fail-under")
		;;
	"calibrate --format")
		_drydial_words "text json csv html"
		;;
	"review --flow")
		_drydial_files yaml yml
		;;
	"review --contacts")
		_drydial_files csv
		;;
	"review --audience")
		_drydial_files yaml yml json
		;;
	"review --profile")
		_drydial_words "trai tcpa ofcom none"
		_drydial_files yaml yml json
		;;
	"review --dnd")
		_drydial_files
		;;
	"review --seed")
		;;
	"review --shard")
		;;
	"review --runs")
		;;
	"review --what-if")
		_drydial_words "concurrency= throttle= max_attempts= interval_minutes="
		;;
	"review --deadline")
		;;
	"review --calls")
		_drydial_files csv db
		;;
	"review --against")
		_drydial_files yaml yml json
		;;
	"review --fail-under")
		;;
	"review --format")
		_drydial_words "text json csv html"
		;;
	"merge --flow")
		_drydial_files yaml yml
		;;
	"merge --contacts")
		_drydial_files csv
		;;
	"merge --audience")
		_drydial_files yaml yml json
		;;
	"merge --profile")
		_drydial_words "trai tcpa ofcom none"
		_drydial_files yaml yml json
		;;
	"merge --dnd")
		_drydial_files
		;;
	"merge --seed")
		;;
	"merge --shard")
		;;
	"merge --runs")
		;;
	"merge --what-if")
		_drydial_words "concurrency= throttle= max_attempts= interval_minutes="
		;;
	"merge --deadline")
		;;
	"merge --calls")
		_drydial_files csv db
		;;
	"merge --fail-under")
		;;
	"merge --format")
		_drydial_words "text json csv html"
		;;
	*) _drydial_operands_of_campaign ;;
	esac
}

_drydial_operands_of_campaign() {
	case "$verb $word" in
	" -"*) _drydial_words "--flow --contacts --audience --profile --dnd --seed --shard --runs --what-if --deadline --calls --fail-under --assumptions --format --no-color --help" ;;
	"check -"*) _drydial_words "--flow --contacts --audience --profile --dnd --seed --shard --runs --what-if --deadline --calls --fail-under --assumptions --strict --rule --explain --format --no-color --help" ;;
	"sample -"*) _drydial_words "--flow --contacts --audience --profile --dnd --seed --shard --runs --what-if --deadline --calls --fail-under --assumptions --number --worst --record --save-scenario --format --no-color --help" ;;
	"calibrate -"*) _drydial_words "--flow --contacts --audience --profile --dnd --seed --shard --runs --what-if --deadline --calls --fail-under --assumptions --format --no-color --help" ;;
	"review -"*) _drydial_words "--flow --contacts --audience --profile --dnd --seed --shard --runs --what-if --deadline --calls --against --fail-under --assumptions --format --no-color --help" ;;
	"merge -"*) _drydial_words "--flow --contacts --audience --profile --dnd --seed --shard --runs --what-if --deadline --calls --fail-under --assumptions --strict --format --no-color --help" ;;
	" "*)
		[ "$COMP_CWORD" = 2 ] && _drydial_words "check sample calibrate review merge"
		_drydial_files yaml yml json
		;;
	"check "*)
		_drydial_files yaml yml json
		;;
	"sample "*)
		_drydial_files yaml yml json
		;;
	"calibrate "*)
		_drydial_files csv
		;;
	"review "*)
		_drydial_files csv
		;;
	"merge "*)
		_drydial_files json
		;;
	esac
}

_drydial_serve() {
	verb=""
	case "$verb $before" in
	" --listen")
		;;
	" --credentials")
		;;
	" --answer")
		_drydial_words "human machine busy no-answer failed canceled phone rules audience"
		;;
	" --speed")
		_drydial_words "real 10x max"
		;;
	" --at")
		;;
	" --db")
		_drydial_files db
		;;
	" --config")
		_drydial_files yaml yml
		;;
	" --profile")
		_drydial_words "trai tcpa ofcom none"
		_drydial_files yaml yml json
		;;
	" --rate")
		;;
	" --calls")
		;;
	" --allow-host")
		;;
	" --map")
		;;
	" --faults")
		_drydial_words "list all answer-lost answer-late answer-500 answer-half callback-early callback-lost callback-late callback-twice callback-turned passthru-twice recording-absent recording-empty digits-absent digits-empty"
		;;
	" --callback-form")
		_drydial_words "multipart urlencoded"
		;;
	" --tls-ca")
		_drydial_files pem crt
		;;
	" --seed")
		;;
	*) _drydial_operands_of_serve ;;
	esac
}

_drydial_operands_of_serve() {
	case "$verb $word" in
	" -"*) _drydial_words "--listen --credentials --answer --speed --at --db --config --profile --rate --calls --allow-host --live --map --faults --callback-form --run --pass-through --tls --tls-ca --seed --quiet --help" ;;
	" "*)
		_drydial_folders
		;;
	esac
}

_drydial_phone() {
	verb=""
	case "$verb $before" in
	" --number")
		;;
	" --credentials")
		;;
	" --line")
		_drydial_words "phone alaw mulaw wide"
		;;
	*) _drydial_operands_of_phone ;;
	esac
}

_drydial_operands_of_phone() {
	case "$verb $word" in
	" -"*) _drydial_words "--number --credentials --once --mute --line --no-color --help" ;;
	" "*)
		;;
	esac
}

_drydial() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} verb=""
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		_drydial_words "$_drydial_commands --help --version"
		return
	fi
	if [ "$word" = = ]; then # --option=value comes as three words
		word=""
	elif [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	[ "$COMP_CWORD" -gt 2 ] && verb=${COMP_WORDS[2]}
	[[ " $_drydial_commands " == *" $command "* ]] && "_drydial_$command"
	return 0
}
complete -F _drydial drydial
