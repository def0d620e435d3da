#compdef drydial
# zsh completion for drydial. Made by `make docs` from the descriptions of the commands in src/cli.

_drydial_call() {
	local -a common=(
		'*--var=[a value of the call; may be given again]:NAME=VALUE: '
		'--from=[the customer'\''s number]:NUMBER: '
		'--keys=[keys, each given when a menu waits; - lets a wait run out]:2,-,4321#: '
		'--press=[keys at milliseconds after the answer; h hangs up]:MS\:KEY,…: '
		'*--reply=[what its server answers\: 200, 302, error, timeout or a route; may be given again]:STEP=ANSWER,…: '
		'*--connect=[what comes of ringing\: answered, busy, no-answer, failed, full; may be given again]:STEP=OUTCOME,…: '
		'--speak=[how long the customer speaks to each recording; 5s]:TIME,…: '
		'--machine-greeting=[how long an answering machine speaks before its beep; 8s]:TIME: '
		'--fast[virtual time\: no waiting, no sound]'
		'--live[passthru asks the real servers; else stubs answer]'
		'*--allow-host=[passthru may ask this host only; may be given again]:HOST: '
		'--answered-by=[human, machine, busy, no-answer, failed or canceled]:WHO:(human machine busy no-answer failed canceled)'
		'--at=[when the call is answered\: 2025-01-20T10\:00\:00+05\:30]:TIME: '
		'--outbound[an application is asked when the customer has answered]'
		'--dial=[what comes of ringing, such as busy or answered\:40s]:OUTCOME,…: '
		'--dialect=[of an application\: twiml or exoml; twiml]:DIALECT:(twiml exoml)'
		'--method=[of its first request\: POST or GET; POST]:METHOD:(POST GET)'
		'*--param=[a further parameter of its requests; may be given again]:NAME=VALUE: '
		'--auth-token=[its requests are signed with it]:TOKEN: '
		'--fallback=[asked when a document fails]:URL: '
		'--latency=[how long each of its answers takes in virtual time; 0s]:TIME: '
		'--tape=[writes what it was asked and answered]:FILE:_files'
		'--replay=[a tape answers in its place]:FILE:_files'
		'--documents=[writes its documents there]:FOLDER:_files -/'
		'--public-url=[what it is known by\: signatures are made over it]:URL: '
		'*--map=[where an address is really asked; may be given again]:FROM=TO: '
		'--faults=[what goes wrong on purpose, such as late=8s@2; list\: which there are]:FAULT,…:(list late none 500 half twice lost hang-up keys callback-first)'
		'--time-limit=[the longest the call may last; at most 14400s]:TIME: '
		'--ring-timeout=[how long it rings before nobody answers; 30s]:TIME: '
		'--line=[what the sound goes through\: phone (alaw), mulaw or wide]:LINE:(phone alaw mulaw wide)'
		'--record=[the whole call as the customer hears it]:FILE.wav:_files -g "*.wav"'
		'--mute[no sound]'
		'--format=[text or json]:FORMAT:(text json)'
		'--no-color[no colours]'
		'--voice=[speak the flow'\''s default voice in this one\: hi-IN, en-GB+f2]:LANGUAGE: '
		'--seed=[where the CallSid comes from; 1]:NUMBER: '
		'--save-scenario=[write this call as a scenario for drydial test]:FILE:_files -g "*.yaml"'
		'--help[this text]'
	)
	_arguments $common \
		'*:FLOW:_files -g "*.(yaml|yml)"'
}

_drydial_test() {
	local -a common=(
		'*--only=[scenarios by name, tag, FILE or FILE\:LINE; may be given again]:CHOICE:_files -g "*.test.yaml"'
		'*--skip=[not these; may be given again]:CHOICE:_files -g "*.test.yaml"'
		'--jobs=[at once; one for each core]:N: '
		'--keep-going[run all, whatever fails (the default)]'
		'--fail-fast[stop at the first failure]'
		'--verbose[a line for each scenario]'
		'--format=[text, tap, junit, json or html]:FORMAT:(text tap junit json html)'
		'*--report=[write this as well; may be given again]:FORMAT=FILE:{compadd -S "" -- text= tap= junit= json= html=}'
		'--coverage=[table, annotate or lcov\: what no scenario has reached]:KIND:(table annotate lcov)'
		'--coverage-min=[fail below this]:PERCENT: '
		'--write-missing=[scenarios for all that is not yet reached]:FILE:_files -g "*.test.yaml"'
		'--mutate[change the flows in small ways\: would a scenario notice?]'
		'--mutate-min=[fail when fewer are noticed; implies --mutate]:PERCENT: '
		'--update[write what was heard over what was expected]'
		'--start[start the applications that the files name]'
		'--faults=[what goes wrong on purpose, such as late=8s@2; list\: which there are]:FAULT,…:(list each late none 500 half twice lost hang-up keys callback-first)'
		'--watch[run again what a saved file touches]'
		'--real-time[one scenario, through the loudspeaker]'
		'--from=[with --real-time\: in no time up to there]:TIME: '
		'--mute[with --real-time\: no sound]'
		'--record=[WAV, transcript and captions of what failed]:DIR:_files -/'
		'--record-all[of what passed as well]'
		'--line=[what recordings go through\: phone (alaw), mulaw or wide]:LINE:(phone alaw mulaw wide)'
		'--no-color[no colours]'
		'--help[this text]'
	)
	_arguments $common \
		'*:\[FILE\[\:LINE\]|DIR…\]:_files -g "*.test.yaml"'
}

_drydial_check() {
	local -a common=(
		'*--rule=[off, note, warning or error; may be given again]:NAME=SEVERITY:{compadd -S "" -- message-length= monologue-length= purpose-late= greeting-length= menu-prompt-length= greeting-endless= timeout-short= timeout-long= passthru-slow= hold-missing= silent-flow= call-drops= unreachable= dead-exit= endless-loop= no-goal= goal-unreachable= goal-far= flow-size= transfer-depth= no-menu= menu-width= menu-depth= no-way-back= retries-zero= retries-many= no-timeout-branch= no-invalid-message= same-answer-twice= key-not-announced= announced-key-missing= key-announced-twice= key-unheard= collect-finish= collect-digits= key-order= key-before-action= passthru-no-fallback= passthru-insecure= unknown-variable= no-opt-out= opt-out-not-followed-up= responses-not-captured= not-personal= no-sms-backup= sms-not-sent= sms-segments= sms-template= sms-sender= sms-variable= sms-unlike-template= otp-digits= otp-repeat= bare-number= abbreviation= read-oddly= unspeakable= language-mismatch= words-cut= placeholder-empty= unused-variable= audio-missing= audio-format= audio-size= branch-no-otherwise= connect-no-fallback= connect-ring= connect-no-talk= record-no-beep= audio-level= voicemail-leak= voicemail-cut=}'
		'--strict[fail on warnings, too]'
		'--at=[when the call is answered; else hours go both ways]:TIME: '
		'--lengths[a table of all prompts\: seconds, words a minute, share of 30 s]'
		'--spoken[every prompt as it is heard\: amounts, dates and numbers in words]'
		'--contacts=[the messages of every contact, a line each\: lengths, SMS, missing values]:FILE.csv:_files -g "*.csv"'
		'--shard=[with --contacts\: only every N-th contact, from the I-th; drydial campaign merge joins the results]:I/N: '
		'--country=[with --contacts\: whose numbers need no calling code, such as US; IN]:COUNTRY:(IN US GB)'
		'--voice=[espeak; model\: nobody speaks, each byte of a text lasts 60 ms, for a quick look at a long list]:VOICE:(espeak model)'
		'--fix[repair what has one safe repair\: a diff, and at a terminal a question]'
		'--write[with --fix\: write the changes without asking]'
		'--explain=[what a rule means; all\: every rule]:RULE:(all message-length monologue-length purpose-late greeting-length menu-prompt-length greeting-endless timeout-short timeout-long passthru-slow hold-missing silent-flow call-drops unreachable dead-exit endless-loop no-goal goal-unreachable goal-far flow-size transfer-depth no-menu menu-width menu-depth no-way-back retries-zero retries-many no-timeout-branch no-invalid-message same-answer-twice key-not-announced announced-key-missing key-announced-twice key-unheard collect-finish collect-digits key-order key-before-action passthru-no-fallback passthru-insecure unknown-variable no-opt-out opt-out-not-followed-up responses-not-captured not-personal no-sms-backup sms-not-sent sms-segments sms-template sms-sender sms-variable sms-unlike-template otp-digits otp-repeat bare-number abbreviation read-oddly unspeakable language-mismatch words-cut placeholder-empty unused-variable audio-missing audio-format audio-size branch-no-otherwise connect-no-fallback connect-ring connect-no-talk record-no-beep audio-level voicemail-leak voicemail-cut)'
		'--format=[text, json, sarif, github or junit]:FORMAT:(text json sarif github junit)'
		'--dialect=[of an application\: twiml or exoml; twiml]:DIALECT:(twiml exoml)'
		'--method=[of its first request\: POST or GET; POST]:METHOD:(POST GET)'
		'*--param=[a further parameter of its requests; may be given again]:NAME=VALUE: '
		'--auth-token=[its requests are signed with it]:TOKEN: '
		'--fallback=[asked when a document fails]:URL: '
		'--latency=[how long each of its answers takes in virtual time; 0s]:TIME: '
		'--tape=[writes what it was asked and answered]:FILE:_files'
		'--replay=[a tape answers in its place]:FILE:_files'
		'--documents=[writes its documents there]:FOLDER:_files -/'
		'--public-url=[what it is known by\: signatures are made over it]:URL: '
		'*--map=[where an address is really asked; may be given again]:FROM=TO: '
		'*--allow-host=[an application may be asked at this host, or send there; may be given again]:HOST: '
		'--live[it may be on another machine]'
		'--max-calls=[calls of a crawl of an application; 5000]:N: '
		'--max-depth=[choices in one of them; 20]:N: '
		'--yes[crawl without asking]'
		'--no-color[no colours]'
		'--help[this text]'
	)
	_arguments $common \
		'*:\[FLOW|DIR…\]:_files -g "*.(yaml|yml)"'
}

_drydial_explore() {
	local -a common=(
		'*--var=[a value of the call; may be given again]:NAME=VALUE: '
		'--paths=[list so many calls, with the arguments that repeat them]:N: '
		'--show=[the call with these keys alone, choice by choice]:2,-,4321#: '
		'--max-states=[stop there and say so; 300000]:N: '
		'--at=[when the call is answered; else hours go both ways]:TIME: '
		'--dialect=[of an application\: twiml or exoml; twiml]:DIALECT:(twiml exoml)'
		'--method=[of its first request\: POST or GET; POST]:METHOD:(POST GET)'
		'*--param=[a further parameter of its requests; may be given again]:NAME=VALUE: '
		'--auth-token=[its requests are signed with it]:TOKEN: '
		'--fallback=[asked when a document fails]:URL: '
		'--latency=[how long each of its answers takes in virtual time; 0s]:TIME: '
		'--tape=[writes what it was asked and answered]:FILE:_files'
		'--replay=[a tape answers in its place]:FILE:_files'
		'--documents=[writes its documents there]:FOLDER:_files -/'
		'--public-url=[what it is known by\: signatures are made over it]:URL: '
		'*--map=[where an address is really asked; may be given again]:FROM=TO: '
		'*--allow-host=[an application may be asked at this host, or send there; may be given again]:HOST: '
		'--live[it may be on another machine]'
		'--max-calls=[calls of a crawl of an application; 5000]:N: '
		'--max-depth=[choices in one of them; 20]:N: '
		'--yes[crawl without asking]'
		'--format=[text or json]:FORMAT:(text json)'
		'--no-color[no colours]'
		'--help[this text]'
	)
	_arguments $common \
		'*:FLOW:_files -g "*.(yaml|yml)"'
}

_drydial_graph() {
	local -a common=(
		'--format=[text, svg, png, mermaid or dot; text]:FORMAT:(text svg png mermaid dot)'
		'--path=[mark the call with these keys]:2,-,4321#: '
		'--coverage=[shade what scenarios did not reach (test --format json)]:FILE.json:_files -g "*.json"'
		'*--var=[a value of the call; may be given again]:NAME=VALUE: '
		'--no-findings[leave out what drydial check says]'
		'--dialect=[of an application\: twiml or exoml; twiml]:DIALECT:(twiml exoml)'
		'--method=[of its first request\: POST or GET; POST]:METHOD:(POST GET)'
		'*--param=[a further parameter of its requests; may be given again]:NAME=VALUE: '
		'--auth-token=[its requests are signed with it]:TOKEN: '
		'--fallback=[asked when a document fails]:URL: '
		'--latency=[how long each of its answers takes in virtual time; 0s]:TIME: '
		'--tape=[writes what it was asked and answered]:FILE:_files'
		'--replay=[a tape answers in its place]:FILE:_files'
		'--documents=[writes its documents there]:FOLDER:_files -/'
		'--public-url=[what it is known by\: signatures are made over it]:URL: '
		'*--map=[where an address is really asked; may be given again]:FROM=TO: '
		'*--allow-host=[an application may be asked at this host, or send there; may be given again]:HOST: '
		'--live[it may be on another machine]'
		'--max-calls=[calls of a crawl of an application; 5000]:N: '
		'--max-depth=[choices in one of them; 20]:N: '
		'--yes[crawl without asking]'
		'--no-color[no colours]'
		'--help[this text]'
	)
	_arguments $common \
		'*:FLOW:_files -g "*.(yaml|yml)"'
}

_drydial_list() {
	local -a common=(
		'--flow=[the flow whose variables the list fills in]:FLOW:_files -g "*.(yaml|yml)"'
		'--country=[whose numbers need no calling code, such as US; IN]:COUNTRY:(IN US GB)'
		'--fix=[write the contacts with nothing wrong, put right]:OUT.csv:_files -g "*.csv"'
		'--rest=[with --fix\: where the rest goes]:FILE:_files -g "*.csv"'
		'--format=[text or json]:FORMAT:(text json)'
		'--no-color[no colours]'
		'--help[this text]'
	)
	_arguments $common \
		'*:FILE.csv:_files -g "*.csv"'
}

_drydial_campaign_check() {
	_arguments $common \
		'--strict[check, merge\: fail on warnings, too]' \
		'*--rule=[check\: off, note, warning or error; may be given again]:NAME=SEVERITY:{compadd -S "" -- hours-not-set= outside-hours= never-open= window-too-short= campaign-too-long= timing-reminder= timing-survey= timing-payment= timing-delivery= timing-promotion= hours-never-met= attempts-a-day= attempts-over-limit= interval-short= retry-outside-hours= retry-past-end= concurrency-over-account= throttle-over-account= list-too-long= dnd-number= consent-missing= number-duplicate= number-invalid= value-missing= value-example= value-wrong= nobody-callable= sms-unlike-template= caller-id-missing= caller-id-placeholder= caller-id-invalid= caller-id-series= low-answers= no-sms-if-unanswered= sms-unanswered-long= sms-unanswered-value= no-opt-out= message-too-long= flow-unknown=}' \
		'--explain=[check\: what a rule means; all\: every rule]:RULE:(all hours-not-set outside-hours never-open window-too-short campaign-too-long timing-reminder timing-survey timing-payment timing-delivery timing-promotion hours-never-met attempts-a-day attempts-over-limit interval-short retry-outside-hours retry-past-end concurrency-over-account throttle-over-account list-too-long dnd-number consent-missing number-duplicate number-invalid value-missing value-example value-wrong nobody-callable sms-unlike-template caller-id-missing caller-id-placeholder caller-id-invalid caller-id-series low-answers no-sms-if-unanswered sms-unanswered-long sms-unanswered-value no-opt-out message-too-long flow-unknown)' \
		'--format=[check\: text, json, sarif, github or junit]:FORMAT:(text json sarif github junit)' \
		'*:FILE…:_files -g "*.(yaml|yml|json)"'
}

_drydial_campaign_sample() {
	_arguments $common \
		'--number=[sample\: the last call of this number]:NUMBER: ' \
		'--worst[sample\: the longest call in which the message was not heard]' \
		'--record=[sample\: the call as the customer hears it]:FILE.wav:_files -g "*.wav"' \
		'--save-scenario=[sample\: the call as a scenario for drydial test]:FILE:_files -g "*.yaml"' \
		'--format=[text, json, csv or html]:FORMAT:(text json csv html)' \
		'*:FILE:_files -g "*.(yaml|yml|json)"'
}

_drydial_campaign_calibrate() {
	_arguments $common \
		'--format=[text, json, csv or html]:FORMAT:(text json csv html)' \
		'*:LOG.csv:_files -g "*.csv"'
}

_drydial_campaign_review() {
	_arguments $common \
		'--against=[review\: the campaign whose log it is]:FILE:_files -g "*.(yaml|yml|json)"' \
		'--format=[text, json, csv or html]:FORMAT:(text json csv html)' \
		'*:LOG.csv:_files -g "*.csv"'
}

_drydial_campaign_merge() {
	_arguments $common \
		'--strict[check, merge\: fail on warnings, too]' \
		'--format=[text, json, csv or html]:FORMAT:(text json csv html)' \
		'*:RESULT.json…:_files -g "*.json"'
}

_drydial_campaign() {
	local -a common=(
		'--flow=[the flow that is played, where the file names one of the platform'\''s own]:FLOW:_files -g "*.(yaml|yml)"'
		'--contacts=[the list, in place of the file'\''s]:FILE.csv:_files -g "*.csv"'
		'--audience=[how people behave, in place of the file'\''s]:FILE:_files -g "*.(yaml|yml|json)"'
		'--profile=[trai, tcpa, ofcom, none, or a file]:LAW:{compadd trai tcpa ofcom none; _files -g "*.(yaml|yml|json)"}'
		'--dnd=[numbers on a do-not-disturb register, one a line]:FILE:_files'
		'--seed=[another course of events; 1]:NUMBER: '
		'--shard=[only every N-th contact, from the I-th, with an N-th of the limits\: see campaign merge]:I/N: '
		'--runs=[so many courses of events\: medians and 5-95% bands]:N: '
		'--what-if=[a row for each value of concurrency, throttle, max_attempts or interval_minutes]:SETTING=10..100:{compadd -S "" -- concurrency= throttle= max_attempts= interval_minutes=}'
		'--deadline=[with --what-if\: mark the cheapest that is over by then]:TIME: '
		'--calls=[write every call\: FILE.csv or FILE.db (SQLite)]:FILE:_files -g "*.(csv|db)"'
		'*--fail-under=[fail when a metric falls short\: completion=40%, or targets; may be given again]:GOAL: '
		'--assumptions[how people are assumed to behave, and where each figure comes from]'
		'--no-color[no colours]'
		'--help[this text]'
	)
	local -a verbs=(
		'check:finds what would break before any call'
		'sample:places one call of the many'
		'calibrate:fits an audience to a log of calls, and prints it'
		'review:what a log of calls comes to, beside targets and the forecast'
		'merge:joins results of --shard, also those of check --contacts: what each contact does is that of the whole, times are those of N diallers side by side (docs/scaling.md)'
	)
	local verb=$words[2]
	if (( CURRENT > 2 && ${verbs[(I)${verb}:*]} )); then
		shift words
		(( CURRENT-- ))
		_drydial_campaign_$verb
		return
	fi
	(( CURRENT == 2 )) && _describe -t verbs verb verbs
	_arguments $common \
		'--format=[text, json, csv or html]:FORMAT:(text json csv html)' \
		'*:\[check|sample|calibrate|merge\] FILE…:_files -g "*.(yaml|yml|json)"'
}

_drydial_serve() {
	local -a common=(
		'--listen=[where; 127.0.0.1\:8080. Another address than this machine'\''s needs --credentials]:ADDRESS\:PORT: '
		'--credentials=[what the API asks for; made up and printed when not given]:KEY\:TOKEN: '
		'--answer=[who answers\: human, machine, busy, no-answer, phone, "keys 1,2"; or rules FILE, audience FILE]:WHO:(human machine busy no-answer failed canceled phone rules audience)'
		'--speed=[of the clock\: real, 10x, or max\: it jumps to what happens next]:SPEED:(real 10x max)'
		'--at=[when the clock begins\: 2025-01-20T10\:00\:00+05\:30; now]:TIME: '
		'--db=[where calls and callbacks are kept; \:memory\: keeps nothing. drydial.db]:FILE:_files -g "*.db"'
		'--config=[numbers of flows, who answers where, ExoPhones, numbers not to call; serve.yaml of the folder]:FILE:_files -g "*.(yaml|yml)"'
		'--profile=[refuse what the law does\: trai, tcpa, ofcom, or a file; none]:NAME:{compadd trai tcpa ofcom none; _files -g "*.(yaml|yml|json)"}'
		'--rate=[calls accepted a minute, then 429; 0\: no limit. 200]:NUMBER: '
		'--calls=[calls at once; 10000]:NUMBER: '
		'*--allow-host=[passthrus and callbacks may reach it, beside this machine; may be given again]:HOST: '
		'--live[passthrus and callbacks may reach any server; else stubs answer for those of other machines, and callbacks to them are not sent]'
		'*--map=[https\://your-app.com=http\://127.0.0.1\:5000\: where a URL is really asked; may be given again]:FROM=TO: '
		'--faults=[what goes wrong on purpose, such as answer-lost@1; list\: which there are; all\: with --run, the command once with each]:FAULT,…:(list all answer-lost answer-late answer-500 answer-half callback-early callback-lost callback-late callback-twice callback-turned passthru-twice recording-absent recording-empty digits-absent digits-empty)'
		'--callback-form=[of callbacks whose request names no type\: multipart, as the platform sends, or urlencoded]:FORM:(multipart urlencoded)'
		'--run[run the command behind -- so that it talks to the stand-in, whatever host it has in its code; the exit code is the command'\''s]'
		'--pass-through[of --run\: let it reach other hosts, too; else they are refused]'
		'--tls[the port takes HTTPS as well, with a certificate for the platform'\''s hosts]'
		'--tls-ca=[who signs it\: a certificate, and its key in FILE.key; made when neither is there]:FILE:_files -g "*.(pem|crt)"'
		'--seed=[of the audience, and of faults with a chance; 1]:NUMBER: '
		'--quiet[say nothing about what happens]'
		'--help[this text]'
	)
	_arguments $common \
		'*:\[FOLDER\]:_files -/'
}

_drydial_phone() {
	local -a common=(
		'--number=[the phone'\''s number\: it rings for calls to it alone; any]:NUMBER: '
		'--credentials=[of a server that asks for them]:KEY\:TOKEN: '
		'--once[end after one call]'
		'--mute[no sound]'
		'--line=[what the sound goes through\: phone (alaw), mulaw or wide]:LINE:(phone alaw mulaw wide)'
		'--no-color[no colours]'
		'--help[this text]'
	)
	_arguments $common
}

_drydial() {
	local -a commands=(
		'call:dial a flow: hear it, press keys, read what happened'
		'test:run scenarios in virtual time: did the call do what it should?'
		'check:what is wrong or risky in a flow, by rules'
		'explore:walk every call that can happen: endings, lengths, loops'
		'graph:draw a flow: tree, SVG, PNG, Mermaid, Graphviz'
		'list:a contact list'\''s health: what is wrong with it, and repairs'
		'campaign:rehearse a deployment: is it lawful, when is it over, what comes of it'
		'serve:stand in for the call platform: its API, a phone, callbacks'
		'phone:be the phone of a drydial serve: it rings here, with sound and keys'
	)
	if (( CURRENT == 2 )); then
		_describe -t commands command commands
		compadd -- --help --version
	elif (( ${commands[(I)$words[2]:*]} )); then
		shift words
		(( CURRENT-- ))
		_drydial_$words[1]
	fi
}

_drydial "$@"
