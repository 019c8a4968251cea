# SPDX-License-Identifier: Apache-2.0
# cmake -DFILE=… -DSYMBOL=… -DHEADER=… -DOUT=… -P embed.cmake: a C source with the bytes of a file; the header declares it.
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nconst unsigned char ${SYMBOL}[] = {${bytes}};\nconst size_t ${SYMBOL}_size = sizeof ${SYMBOL};\n")
