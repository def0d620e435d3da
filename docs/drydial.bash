# bash completion for drydial: commands, the options that --help lists, flow and campaign files.
_drydial() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$(drydial --help | sed -n 's/^  \([a-z]*\)  .*/\1/p') --help --version" -- "$word"))
		return
	fi
	case $before in
	--answered-by) COMPREPLY=($(compgen -W "human machine busy no-answer failed canceled" -- "$word")) ;;
	--format)
		local formats="text json"
		[ "${COMP_WORDS[1]}" = test ] && formats="text tap junit json html"
		[ "${COMP_WORDS[1]}" = check ] && formats="text json sarif github junit"
		[ "${COMP_WORDS[1]}" = graph ] && formats="text svg png mermaid dot"
		[ "${COMP_WORDS[1]}" = campaign ] && formats="text json csv html"
		[ "${COMP_WORDS[1]} ${COMP_WORDS[2]}" = "campaign check" ] && formats="text json sarif github junit"
		COMPREPLY=($(compgen -W "$formats" -- "$word"))
		;;
	--coverage) COMPREPLY=($(compgen -W "table annotate lcov" -- "$word")) ;;
	--profile) COMPREPLY=($(compgen -W "trai tcpa ofcom none" -- "$word") $(compgen -f -- "$word")) ;;
	--speed) COMPREPLY=($(compgen -W "real 10x max" -- "$word")) ;;
	--answer) COMPREPLY=($(compgen -W "human machine busy no-answer failed phone rules audience" -- "$word")) ;;
	--db | --config) COMPREPLY=($(compgen -f -- "$word")) ;;
	--contacts | --audience | --dnd | --calls | --record | --save-scenario) COMPREPLY=($(compgen -f -- "$word")) ;;
	--voice) [ "${COMP_WORDS[1]}" = check ] && COMPREPLY=($(compgen -W "espeak model" -- "$word")) ;;
	--line) COMPREPLY=($(compgen -W "phone alaw mulaw wide" -- "$word")) ;;
	*)
		case $word in
		-*) COMPREPLY=($(compgen -W "$(drydial "${COMP_WORDS[1]}" --help | grep -o -- '--[a-z-]*' | sort -u)" -- "$word")) ;;
		*)
			COMPREPLY=($(compgen -f -X '!*.y*ml' -- "$word") $(compgen -d -- "$word"))
			if [ "${COMP_WORDS[1]}" = campaign ]; then
				COMPREPLY+=($(compgen -f -X '!*.json' -- "$word"))
				[ "$before" = campaign ] && COMPREPLY+=($(compgen -W "check sample calibrate" -- "$word"))
			fi
			;;
		esac
		;;
	esac
}
complete -o filenames -F _drydial drydial
