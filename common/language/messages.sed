# SPDX-License-Identifier: Apache-2.0
# The messages of po/vi.po as rows of a C table; its head, with an empty msgid, is none.
s/^msgid \(".*[^"].*"\)$/{\1,/p
s/^msgstr\(\[0\]\)\{0,1\} \(".*[^"].*"\)$/\2},/p
