# SPDX-License-Identifier: Apache-2.0
# Completion of hoso for fish. Commands and options are those that `hoso help` prints; forms and units are asked for.
function __hoso_command
    for word in (commandline -opc)[2..]
        string match -q -- '-*' $word; or begin; echo $word; return; end
    end
end
function __hoso_ids
    hoso --timeout 3000 --lang en $argv[2..] --columns $argv[1] --format csv --plain 2>/dev/null | tail -n +2 | string trim
end
complete -c hoso -n 'test -z (__hoso_command)' -f -a '(hoso --lang en help 2>/dev/null | string replace -rf "^  ([a-z]+)  +(.*)" "\$1\t\$2")'
complete -c hoso -n 'string match -q -- "-*" (commandline -ct)' -f -a '(hoso --lang en (__hoso_command) --help 2>/dev/null | string replace -rf "^  (?:-., |    )(--[a-z-]+)(?: \S+)? +(.*)" "\$1\t\$2")'
complete -c hoso -n 'contains -- (__hoso_command) report dossiers' -f -a '(__hoso_ids form forms)'
complete -c hoso -s u -l unit -x -a '(__hoso_ids unit units --all)'
complete -c hoso -s f -l format -x -a 'table json csv html xlsx docx'
complete -c hoso -s l -l lang -x -a 'vi en'
complete -c hoso -l compare -x -a 'previous year-ago closed'
