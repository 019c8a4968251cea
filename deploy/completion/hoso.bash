# SPDX-License-Identifier: Apache-2.0
# Completion of hoso for bash. Commands and options are those that `hoso help` prints; forms and units are asked for.

# The first words of the lines that are indented by two blanks: commands, subcommands.
_hoso_commands() {
    hoso --lang en help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'
}

_hoso_options() {
    hoso --lang en "$@" --help 2>/dev/null | sed -n 's/^  \(-., \|    \)\(--[a-z-]*\).*/\2/p'
}

# _hoso_ids COLUMN LIST [OPTION]: a column of a list.
_hoso_ids() {
    hoso --timeout 3000 --lang en "${@:2}" --columns "$1" --format csv --plain 2>/dev/null | tail -n +2 | tr -d '\r'
}

_hoso_words() {
    local command=$1 before=$2 current=$3
    case "$before" in
    --unit | -u | --report-unit) _hoso_ids unit units --all ;;
    --format | -f) printf '%s\n' table json csv html xlsx docx ;;
    --lang | -l) printf '%s\n' vi en ;;
    --compare) printf '%s\n' previous year-ago closed ;;
    report | dossiers | show) _hoso_ids form forms ;;
    *)
        case "$command $current" in
        ' '* | 'help '*) _hoso_commands ;;
        *' -'*) _hoso_options "$command" ;;
        'form '*) printf '%s\n' list show check ;;
        'units '*) _hoso_ids unit units --all ;;
        esac
        ;;
    esac
}

_hoso() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$word" in
        -*) ;;
        *)
            command=$word
            break
            ;;
        esac
    done
    COMPREPLY=($(compgen -W "$(_hoso_words "$command" "$before" "$current")" -- "$current"))
}
complete -o default -F _hoso hoso
