# SPDX-License-Identifier: Apache-2.0
# hoso_form(NAME): adds forms/NAME/form.c, which defines `form_<name as a C identifier, lower case>`.
function(hoso_form name)
    string(MAKE_C_IDENTIFIER ${name} symbol)
    string(TOLOWER ${symbol} symbol)
    set_property(GLOBAL APPEND PROPERTY HOSO_FORM_SYMBOLS form_${symbol})
    set_property(GLOBAL APPEND PROPERTY HOSO_FORM_SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${name}/form.c)
endfunction()

# hoso_forms_table(VARIABLE): the forms' sources and the generated table of them.
function(hoso_forms_table variable)
    get_property(symbols GLOBAL PROPERTY HOSO_FORM_SYMBOLS)
    get_property(sources GLOBAL PROPERTY HOSO_FORM_SOURCES)
    foreach(symbol IN LISTS symbols)
        string(APPEND HOSO_FORM_DECLARATIONS "extern const struct form ${symbol};\n")
        string(APPEND HOSO_FORM_ENTRIES "    &${symbol},\n")
    endforeach()
    configure_file(forms_table.c.in ${CMAKE_CURRENT_BINARY_DIR}/forms_table.c @ONLY)
    set(${variable} ${sources} ${CMAKE_CURRENT_BINARY_DIR}/forms_table.c PARENT_SCOPE)
endfunction()
