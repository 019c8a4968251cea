# SPDX-License-Identifier: Apache-2.0
#
# Makes a manual page from its template: what is written down elsewhere is put in, so that nothing is written twice.
#
#   awk -v root=DIR -v generated=FILE -f compose.awk TEMPLATE
#
# In a template:
#   @generated          what the program printed (--print-man)
#   @include FILE       a file of man/, shared by several pages
#   @message NAME [json]  a tag for each field of a message in proto/hoso/v1; json = names as in JSON
#   @kinds              a tag for each kind of event, from docs/counting-rules.md

function fail(text) {
    print FILENAME ":" FNR ": " text > "/dev/stderr"
    failed = 1
    exit 1
}

# service_level → serviceLevel, in the whole text
function camel(text,    at) {
    while ((at = match(text, /[a-z]_[a-z]/)) > 0) {
        text = substr(text, 1, at) toupper(substr(text, at + 2, 1)) substr(text, at + 3)
    }
    return text
}

# A line of text, safe from being taken for a macro, with a full stop.
function sentence(text) {
    gsub(/^ +| +$/, "", text)
    if (text == "") {
        return
    }
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    if (text ~ /^[.']/) {
        text = "\\&" text
    }
    print text (text ~ /[.:]$/ ? "" : ".")
}

function insert(file,    line, count) {
    while ((getline line < file) > 0) {
        if (line !~ /^\.\\" SPDX/) {
            print line
        }
        count++
    }
    close(file)
    if (count == 0) {
        fail(file " is empty or not there")
    }
}

# Every enum of the proto files: values[NAME] = "FULL (toàn trình), PARTIAL, …"
function read_enums(file,    line, name, prefix, value, comment) {
    while ((getline line < file) > 0) {
        if (line ~ /^enum /) {
            split(line, word, " ")
            name = word[2]
        } else if (name != "" && line ~ /_UNSPECIFIED/) {
            prefix = line
            gsub(/^ +|UNSPECIFIED.*/, "", prefix)
        } else if (name != "" && line ~ /^ +[A-Z_]+ = /) {
            split(line, word, " ")
            value = substr(word[1], length(prefix) + 1)
            comment = line
            comment = sub(/.*\/\/ */, "", comment) ? " (" comment ")" : ""
            values[name] = values[name] (values[name] == "" ? "" : ", ") value comment
        } else if (line ~ /^}/) {
            name = ""
        }
    }
    close(file)
}

# Type, name and comment of a line "  string unit = 5;  // …", as a tag.
function field(line, json,    text, list) {
    list = sub(/^ +repeated /, "", line)
    split(line, word, " ")
    text = line
    if (!sub(/.*\/\/ */, "", text)) {
        text = ""
    }
    if (json) {
        gsub(/unix (milliseconds|ms), |0 = none; /, "", text)
        text = camel(text)
    }
    print ".It Cm " (json ? camel(word[2]) : word[2])
    sentence(text)
    if (list) {
        print "Several have blanks between them; the column may be left out."
    }
    if (word[1] == "Kind") {
        print "One of the kinds below."
    } else if (word[1] in values) {
        sentence("One of " values[word[1]])
    } else if (word[1] == "bool") {
        print "True or false."
    }
}

function insert_message(name, json,    line, inside, count, files, i) {
    split("common catalogue", files, " ")
    for (i = 1; i <= 2; i++) {
        while ((getline line < (root "/proto/hoso/v1/" files[i] ".proto")) > 0) {
            if (line ~ "^message " name " ") {
                inside = 1
            } else if (line ~ /^}/) {
                inside = 0
            } else if (inside && line ~ /^ +(repeated )?[A-Za-z0-9]+ [a-z_]+ = /) {
                field(line, json)
                count++
            }
        }
        close(root "/proto/hoso/v1/" files[i] ".proto")
    }
    if (count == 0) {
        fail("there is no message " name)
    }
}

# The rows "| 2 | RECEIVED | unit, procedure | 2 |".
function insert_kinds(    line, cell, count) {
    while ((getline line < (root "/docs/counting-rules.md")) > 0) {
        if (line ~ /^\| [0-9]+ \| [A-Z_]+ \|/) {
            split(line, cell, / *\| */)
            gsub(/[`*]/, "", cell[4])
            print ".It Cm " cell[3]
            sentence(camel(cell[4]))
            count++
        }
    }
    close(root "/docs/counting-rules.md")
    if (count == 0) {
        fail("docs/counting-rules.md has no table of kinds")
    }
}

BEGIN {
    read_enums(root "/proto/hoso/v1/common.proto")
    read_enums(root "/proto/hoso/v1/catalogue.proto")
}

/^@generated$/ { insert(generated); next }
/^@include / { insert(root "/man/" $2); next }
/^@message / { insert_message($2, $3 == "json"); next }
/^@kinds$/ { insert_kinds(); next }
/^@/ { fail("what is " $1 "?") }
{ print }

END { exit failed }
