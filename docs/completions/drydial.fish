# fish completion for drydial. Made by `make docs` from the descriptions of the commands in src/cli.

set -g __drydial_verbs check sample calibrate review merge

# Whether the command is the first argument, and its verb one of the others, if any.
# '' is no verb.
function __drydial_is
    set -l words (commandline -opc) ''  ''
    test "$words[2]" = $argv[1]; or return 1
    test (count $argv) = 1; and return 0
    contains -- $words[3] $__drydial_verbs; or set words[3] ''
    contains -- $words[3] $argv[2..-1]
end

# Folders, and files that end in one of the arguments.
function __drydial_files
    set -l token (commandline -ct | string replace -r '^--[a-z-]+=' '')
    set -l found $token*/ $token*.$argv
    string join \n -- $found
end

complete -c drydial -f
complete -c drydial -n __fish_use_subcommand -l help -d 'the commands'
complete -c drydial -n __fish_use_subcommand -l version

complete -c drydial -n __fish_use_subcommand -a call -d 'dial a flow: hear it, press keys, read what happened'
complete -c drydial -n "__drydial_is call" -l var -x -d 'a value of the call; may be given again'
complete -c drydial -n "__drydial_is call" -l from -x -d 'the customer'\''s number'
complete -c drydial -n "__drydial_is call" -l keys -x -d 'keys, each given when a menu waits; - lets a wait run out'
complete -c drydial -n "__drydial_is call" -l press -x -d 'keys at milliseconds after the answer; h hangs up'
complete -c drydial -n "__drydial_is call" -l reply -x -d 'what its server answers: 200, 302, error, timeout or a route; may be given again'
complete -c drydial -n "__drydial_is call" -l connect -x -d 'what comes of ringing: answered, busy, no-answer, failed, full; may be given again'
complete -c drydial -n "__drydial_is call" -l speak -x -d 'how long the customer speaks to each recording; 5s'
complete -c drydial -n "__drydial_is call" -l machine-greeting -x -d 'how long an answering machine speaks before its beep; 8s'
complete -c drydial -n "__drydial_is call" -l fast -d 'virtual time: no waiting, no sound'
complete -c drydial -n "__drydial_is call" -l live -d 'passthru asks the real servers; else stubs answer'
complete -c drydial -n "__drydial_is call" -l allow-host -x -d 'passthru may ask this host only; may be given again'
complete -c drydial -n "__drydial_is call" -l answered-by -x -a 'human machine busy no-answer failed canceled' -d 'human, machine, busy, no-answer, failed or canceled'
complete -c drydial -n "__drydial_is call" -l at -x -d 'when the call is answered: 2025-01-20T10:00:00+05:30'
complete -c drydial -n "__drydial_is call" -l time-limit -x -d 'the longest the call may last; at most 14400s'
complete -c drydial -n "__drydial_is call" -l ring-timeout -x -d 'how long it rings before nobody answers; 30s'
complete -c drydial -n "__drydial_is call" -l line -x -a 'phone alaw mulaw wide' -d 'what the sound goes through: phone (alaw), mulaw or wide'
complete -c drydial -n "__drydial_is call" -l record -x -a '(__drydial_files wav)' -d 'the whole call as the customer hears it'
complete -c drydial -n "__drydial_is call" -l mute -d 'no sound'
complete -c drydial -n "__drydial_is call" -l format -x -a 'text json' -d 'text or json'
complete -c drydial -n "__drydial_is call" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is call" -l voice -x -d 'speak the flow'\''s default voice in this one: hi-IN, en-GB+f2'
complete -c drydial -n "__drydial_is call" -l seed -x -d 'where the CallSid comes from; 1'
complete -c drydial -n "__drydial_is call" -l save-scenario -x -a '(__drydial_files yaml)' -d 'write this call as a scenario for drydial test'
complete -c drydial -n "__drydial_is call" -l help
complete -c drydial -n "__drydial_is call " -a '(__drydial_files yaml yml)'

complete -c drydial -n __fish_use_subcommand -a test -d 'run scenarios in virtual time: did the call do what it should?'
complete -c drydial -n "__drydial_is test" -l only -x -a '(__drydial_files test.yaml)' -d 'scenarios by name, tag, FILE or FILE:LINE; may be given again'
complete -c drydial -n "__drydial_is test" -l skip -x -a '(__drydial_files test.yaml)' -d 'not these; may be given again'
complete -c drydial -n "__drydial_is test" -l jobs -x -d 'at once; one for each core'
complete -c drydial -n "__drydial_is test" -l keep-going -d 'run all, whatever fails (the default)'
complete -c drydial -n "__drydial_is test" -l fail-fast -d 'stop at the first failure'
complete -c drydial -n "__drydial_is test" -l verbose -d 'a line for each scenario'
complete -c drydial -n "__drydial_is test" -l format -x -a 'text tap junit json html' -d 'text, tap, junit, json or html'
complete -c drydial -n "__drydial_is test" -l report -x -a 'text= tap= junit= json= html=' -d 'write this as well; may be given again'
complete -c drydial -n "__drydial_is test" -l coverage -x -a 'table annotate lcov' -d 'table, annotate or lcov: what no scenario has reached'
complete -c drydial -n "__drydial_is test" -l coverage-min -x -d 'fail below this'
complete -c drydial -n "__drydial_is test" -l write-missing -x -a '(__drydial_files test.yaml)' -d 'scenarios for all that is not yet reached'
complete -c drydial -n "__drydial_is test" -l mutate -d 'change the flows in small ways: would a scenario notice?'
complete -c drydial -n "__drydial_is test" -l mutate-min -x -d 'fail when fewer are noticed; implies --mutate'
complete -c drydial -n "__drydial_is test" -l update -d 'write what was heard over what was expected'
complete -c drydial -n "__drydial_is test" -l watch -d 'run again what a saved file touches'
complete -c drydial -n "__drydial_is test" -l real-time -d 'one scenario, through the loudspeaker'
complete -c drydial -n "__drydial_is test" -l from -x -d 'with --real-time: in no time up to there'
complete -c drydial -n "__drydial_is test" -l mute -d 'with --real-time: no sound'
complete -c drydial -n "__drydial_is test" -l record -x -a '(__fish_complete_directories)' -d 'WAV, transcript and captions of what failed'
complete -c drydial -n "__drydial_is test" -l record-all -d 'of what passed as well'
complete -c drydial -n "__drydial_is test" -l line -x -a 'phone alaw mulaw wide' -d 'what recordings go through: phone (alaw), mulaw or wide'
complete -c drydial -n "__drydial_is test" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is test" -l help
complete -c drydial -n "__drydial_is test " -a '(__drydial_files test.yaml)'

complete -c drydial -n __fish_use_subcommand -a check -d 'what is wrong or risky in a flow, by rules'
complete -c drydial -n "__drydial_is check" -l rule -x -a 'message-length= monologue-length= purpose-late= greeting-length= menu-prompt-length= greeting-endless= timeout-short= timeout-long= passthru-slow= hold-missing= silent-flow= call-drops= unreachable= dead-exit= endless-loop= no-goal= goal-unreachable= goal-far= flow-size= transfer-depth= no-menu= menu-width= menu-depth= no-way-back= retries-zero= retries-many= no-timeout-branch= no-invalid-message= same-answer-twice= key-not-announced= announced-key-missing= key-announced-twice= key-unheard= collect-finish= collect-digits= key-order= key-before-action= passthru-no-fallback= passthru-insecure= unknown-variable= no-opt-out= opt-out-not-followed-up= responses-not-captured= not-personal= no-sms-backup= sms-not-sent= sms-segments= sms-template= sms-sender= sms-variable= sms-unlike-template= otp-digits= otp-repeat= bare-number= abbreviation= read-oddly= unspeakable= language-mismatch= words-cut= placeholder-empty= unused-variable= audio-missing= audio-format= audio-size= branch-no-otherwise= connect-no-fallback= connect-no-talk= record-no-beep= audio-level=' -d 'off, note, warning or error; may be given again'
complete -c drydial -n "__drydial_is check" -l strict -d 'fail on warnings, too'
complete -c drydial -n "__drydial_is check" -l at -x -d 'when the call is answered; else hours go both ways'
complete -c drydial -n "__drydial_is check" -l lengths -d 'a table of all prompts: seconds, words a minute, share of 30 s'
complete -c drydial -n "__drydial_is check" -l spoken -d 'every prompt as it is heard: amounts, dates and numbers in words'
complete -c drydial -n "__drydial_is check" -l contacts -x -a '(__drydial_files csv)' -d 'the messages of every contact, a line each: lengths, SMS, missing values'
complete -c drydial -n "__drydial_is check" -l shard -x -d 'with --contacts: only every N-th contact, from the I-th; drydial campaign merge joins the results'
complete -c drydial -n "__drydial_is check" -l country -x -a 'IN US GB' -d 'with --contacts: whose numbers need no calling code, such as US; IN'
complete -c drydial -n "__drydial_is check" -l voice -x -a 'espeak model' -d 'espeak; model: nobody speaks, each byte of a text lasts 60 ms, for a quick look at a long list'
complete -c drydial -n "__drydial_is check" -l fix -d 'repair what has one safe repair: a diff, and at a terminal a question'
complete -c drydial -n "__drydial_is check" -l write -d 'with --fix: write the changes without asking'
complete -c drydial -n "__drydial_is check" -l explain -x -a 'all message-length monologue-length purpose-late greeting-length menu-prompt-length greeting-endless timeout-short timeout-long passthru-slow hold-missing silent-flow call-drops unreachable dead-exit endless-loop no-goal goal-unreachable goal-far flow-size transfer-depth no-menu menu-width menu-depth no-way-back retries-zero retries-many no-timeout-branch no-invalid-message same-answer-twice key-not-announced announced-key-missing key-announced-twice key-unheard collect-finish collect-digits key-order key-before-action passthru-no-fallback passthru-insecure unknown-variable no-opt-out opt-out-not-followed-up responses-not-captured not-personal no-sms-backup sms-not-sent sms-segments sms-template sms-sender sms-variable sms-unlike-template otp-digits otp-repeat bare-number abbreviation read-oddly unspeakable language-mismatch words-cut placeholder-empty unused-variable audio-missing audio-format audio-size branch-no-otherwise connect-no-fallback connect-no-talk record-no-beep audio-level' -d 'what a rule means; all: every rule'
complete -c drydial -n "__drydial_is check" -l format -x -a 'text json sarif github junit' -d 'text, json, sarif, github or junit'
complete -c drydial -n "__drydial_is check" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is check" -l help
complete -c drydial -n "__drydial_is check " -a '(__drydial_files yaml yml)'

complete -c drydial -n __fish_use_subcommand -a explore -d 'walk every call that can happen: endings, lengths, loops'
complete -c drydial -n "__drydial_is explore" -l var -x -d 'a value of the call; may be given again'
complete -c drydial -n "__drydial_is explore" -l paths -x -d 'list so many calls, with the arguments that repeat them'
complete -c drydial -n "__drydial_is explore" -l show -x -d 'the call with these keys alone, choice by choice'
complete -c drydial -n "__drydial_is explore" -l max-states -x -d 'stop there and say so; 300000'
complete -c drydial -n "__drydial_is explore" -l at -x -d 'when the call is answered; else hours go both ways'
complete -c drydial -n "__drydial_is explore" -l format -x -a 'text json' -d 'text or json'
complete -c drydial -n "__drydial_is explore" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is explore" -l help
complete -c drydial -n "__drydial_is explore " -a '(__drydial_files yaml yml)'

complete -c drydial -n __fish_use_subcommand -a graph -d 'draw a flow: tree, SVG, PNG, Mermaid, Graphviz'
complete -c drydial -n "__drydial_is graph" -l format -x -a 'text svg png mermaid dot' -d 'text, svg, png, mermaid or dot; text'
complete -c drydial -n "__drydial_is graph" -l path -x -d 'mark the call with these keys'
complete -c drydial -n "__drydial_is graph" -l coverage -x -a '(__drydial_files json)' -d 'shade what scenarios did not reach (test --format json)'
complete -c drydial -n "__drydial_is graph" -l var -x -d 'a value of the call; may be given again'
complete -c drydial -n "__drydial_is graph" -l no-findings -d 'leave out what drydial check says'
complete -c drydial -n "__drydial_is graph" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is graph" -l help
complete -c drydial -n "__drydial_is graph " -a '(__drydial_files yaml yml)'

complete -c drydial -n __fish_use_subcommand -a list -d 'a contact list'\''s health: what is wrong with it, and repairs'
complete -c drydial -n "__drydial_is list" -l flow -x -a '(__drydial_files yaml yml)' -d 'the flow whose variables the list fills in'
complete -c drydial -n "__drydial_is list" -l country -x -a 'IN US GB' -d 'whose numbers need no calling code, such as US; IN'
complete -c drydial -n "__drydial_is list" -l fix -x -a '(__drydial_files csv)' -d 'write the contacts that can be called, put right'
complete -c drydial -n "__drydial_is list" -l rest -x -a '(__drydial_files csv)' -d 'with --fix: where the rest goes'
complete -c drydial -n "__drydial_is list" -l format -x -a 'text json' -d 'text or json'
complete -c drydial -n "__drydial_is list" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is list" -l help
complete -c drydial -n "__drydial_is list " -a '(__drydial_files csv)'

complete -c drydial -n __fish_use_subcommand -a campaign -d 'rehearse a deployment: is it lawful, when is it over, what comes of it'
complete -c drydial -n "__drydial_is campaign ''" -a check -d 'finds what would break before any call'
complete -c drydial -n "__drydial_is campaign ''" -a sample -d 'places one call of the many'
complete -c drydial -n "__drydial_is campaign ''" -a calibrate -d 'fits an audience to a log of calls, and prints it'
complete -c drydial -n "__drydial_is campaign ''" -a review -d 'what a log of calls comes to, beside targets and the forecast'
complete -c drydial -n "__drydial_is campaign ''" -a merge -d 'joins results of --shard, also those of check --contacts: what each contact does is that of the whole, times are those of N diallers side by side (docs/scaling.md)'
complete -c drydial -n "__drydial_is campaign" -l flow -x -a '(__drydial_files yaml yml)' -d 'the flow that is played, where the file names one of the platform'\''s own'
complete -c drydial -n "__drydial_is campaign" -l contacts -x -a '(__drydial_files csv)' -d 'the list, in place of the file'\''s'
complete -c drydial -n "__drydial_is campaign" -l audience -x -a '(__drydial_files yaml yml json)' -d 'how people behave, in place of the file'\''s'
complete -c drydial -n "__drydial_is campaign" -l profile -x -a 'trai tcpa ofcom none (__drydial_files yaml yml json)' -d 'trai, tcpa, ofcom, none, or a file'
complete -c drydial -n "__drydial_is campaign" -l dnd -r -F -d 'numbers on a do-not-disturb register, one a line'
complete -c drydial -n "__drydial_is campaign" -l seed -x -d 'another course of events; 1'
complete -c drydial -n "__drydial_is campaign" -l shard -x -d 'only every N-th contact, from the I-th, with an N-th of the limits: see campaign merge'
complete -c drydial -n "__drydial_is campaign" -l runs -x -d 'so many courses of events: medians and 5-95% bands'
complete -c drydial -n "__drydial_is campaign" -l what-if -x -a 'concurrency= throttle= max_attempts= interval_minutes=' -d 'a row for each value of concurrency, throttle, max_attempts or interval_minutes'
complete -c drydial -n "__drydial_is campaign" -l deadline -x -d 'with --what-if: mark the cheapest that is over by then'
complete -c drydial -n "__drydial_is campaign" -l calls -x -a '(__drydial_files csv db)' -d 'write every call: FILE.csv or FILE.db (SQLite)'
complete -c drydial -n "__drydial_is campaign review" -l against -x -a '(__drydial_files yaml yml json)' -d 'review: the campaign whose log it is'
complete -c drydial -n "__drydial_is campaign" -l fail-under -x -d 'fail when a metric falls short: completion=40%, or targets; may be given again'
complete -c drydial -n "__drydial_is campaign" -l assumptions -d 'how people are assumed to behave, and where each figure comes from'
complete -c drydial -n "__drydial_is campaign sample" -l number -x -d 'sample: the last call of this number'
complete -c drydial -n "__drydial_is campaign sample" -l worst -d 'sample: the longest call in which the message was not heard'
complete -c drydial -n "__drydial_is campaign sample" -l record -x -a '(__drydial_files wav)' -d 'sample: the call as the customer hears it'
complete -c drydial -n "__drydial_is campaign sample" -l save-scenario -x -a '(__drydial_files yaml)' -d 'sample: the call as a scenario for drydial test'
complete -c drydial -n "__drydial_is campaign check merge" -l strict -d 'check, merge: fail on warnings, too'
complete -c drydial -n "__drydial_is campaign check" -l rule -x -a 'hours-not-set= outside-hours= never-open= window-too-short= campaign-too-long= timing-reminder= timing-survey= timing-payment= timing-delivery= timing-promotion= attempts-a-day= attempts-over-limit= interval-short= retry-outside-hours= retry-past-end= concurrency-over-account= throttle-over-account= list-too-long= dnd-number= consent-missing= number-duplicate= number-invalid= value-missing= value-example= value-wrong= nobody-callable= sms-unlike-template= caller-id-missing= caller-id-placeholder= caller-id-invalid= caller-id-series= low-answers= no-sms-if-unanswered= sms-unanswered-long= sms-unanswered-value= no-opt-out= message-too-long= flow-unknown=' -d 'check: off, note, warning or error; may be given again'
complete -c drydial -n "__drydial_is campaign check" -l explain -x -a 'all hours-not-set outside-hours never-open window-too-short campaign-too-long timing-reminder timing-survey timing-payment timing-delivery timing-promotion attempts-a-day attempts-over-limit interval-short retry-outside-hours retry-past-end concurrency-over-account throttle-over-account list-too-long dnd-number consent-missing number-duplicate number-invalid value-missing value-example value-wrong nobody-callable sms-unlike-template caller-id-missing caller-id-placeholder caller-id-invalid caller-id-series low-answers no-sms-if-unanswered sms-unanswered-long sms-unanswered-value no-opt-out message-too-long flow-unknown' -d 'check: what a rule means; all: every rule'
complete -c drydial -n "__drydial_is campaign '' sample calibrate review merge" -l format -x -a 'text json csv html' -d 'text, json, csv or html'
complete -c drydial -n "__drydial_is campaign check" -l format -x -a 'text json sarif github junit' -d 'check: text, json, sarif, github or junit'
complete -c drydial -n "__drydial_is campaign" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is campaign" -l help
complete -c drydial -n "__drydial_is campaign ''" -a '(__drydial_files yaml yml json)'
complete -c drydial -n "__drydial_is campaign check" -a '(__drydial_files yaml yml json)'
complete -c drydial -n "__drydial_is campaign sample" -a '(__drydial_files yaml yml json)'
complete -c drydial -n "__drydial_is campaign calibrate" -a '(__drydial_files csv)'
complete -c drydial -n "__drydial_is campaign review" -a '(__drydial_files csv)'
complete -c drydial -n "__drydial_is campaign merge" -a '(__drydial_files json)'

complete -c drydial -n __fish_use_subcommand -a serve -d 'stand in for the call platform: its API, a phone, callbacks'
complete -c drydial -n "__drydial_is serve" -l listen -x -d 'where; 127.0.0.1:8080. Another address than this machine'\''s needs --credentials'
complete -c drydial -n "__drydial_is serve" -l credentials -x -d 'what the API asks for; made up and printed when not given'
complete -c drydial -n "__drydial_is serve" -l answer -x -a 'human machine busy no-answer failed canceled phone rules audience' -d 'who answers: human, machine, busy, no-answer, phone, "keys 1,2"; or rules FILE, audience FILE'
complete -c drydial -n "__drydial_is serve" -l speed -x -a 'real 10x max' -d 'of the clock: real, 10x, or max: it jumps to what happens next'
complete -c drydial -n "__drydial_is serve" -l at -x -d 'when the clock begins: 2025-01-20T10:00:00+05:30; now'
complete -c drydial -n "__drydial_is serve" -l db -x -a '(__drydial_files db)' -d 'where calls and callbacks are kept; :memory: keeps nothing. drydial.db'
complete -c drydial -n "__drydial_is serve" -l config -x -a '(__drydial_files yaml yml)' -d 'numbers of flows, who answers where, ExoPhones, numbers not to call; serve.yaml of the folder'
complete -c drydial -n "__drydial_is serve" -l profile -x -a 'trai tcpa ofcom none (__drydial_files yaml yml json)' -d 'refuse what the law does: trai, tcpa, ofcom, or a file; none'
complete -c drydial -n "__drydial_is serve" -l rate -x -d 'calls accepted a minute, then 429; 0: no limit. 200'
complete -c drydial -n "__drydial_is serve" -l calls -x -d 'calls at once; 10000'
complete -c drydial -n "__drydial_is serve" -l allow-host -x -d 'passthrus and callbacks may reach it, beside this machine; may be given again'
complete -c drydial -n "__drydial_is serve" -l live -d 'passthrus and callbacks may reach any server; else stubs answer for those of other machines, and callbacks to them are not sent'
complete -c drydial -n "__drydial_is serve" -l map -x -d 'https://your-app.com=http://127.0.0.1:5000: where a URL is really asked; may be given again'
complete -c drydial -n "__drydial_is serve" -l seed -x -d 'of the audience; 1'
complete -c drydial -n "__drydial_is serve" -l quiet -d 'say nothing about what happens'
complete -c drydial -n "__drydial_is serve" -l help
complete -c drydial -n "__drydial_is serve " -a '(__fish_complete_directories)'

complete -c drydial -n __fish_use_subcommand -a phone -d 'be the phone of a drydial serve: it rings here, with sound and keys'
complete -c drydial -n "__drydial_is phone" -l number -x -d 'the phone'\''s number: it rings for calls to it alone; any'
complete -c drydial -n "__drydial_is phone" -l credentials -x -d 'of a server that asks for them'
complete -c drydial -n "__drydial_is phone" -l once -d 'end after one call'
complete -c drydial -n "__drydial_is phone" -l mute -d 'no sound'
complete -c drydial -n "__drydial_is phone" -l line -x -a 'phone alaw mulaw wide' -d 'what the sound goes through: phone (alaw), mulaw or wide'
complete -c drydial -n "__drydial_is phone" -l no-color -d 'no colours'
complete -c drydial -n "__drydial_is phone" -l help
