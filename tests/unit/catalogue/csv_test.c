/* SPDX-License-Identifier: Apache-2.0
 *
 * The import: quoting, separators and levels that must be read alike; each fault by its file, line
 * and column; and the demo catalogue, before and after the districts ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "catalogue/csv.h"
#include "catalogue/scope.h"
#include "tests/unit/catalogue/given.h"

#define UNITS_HEAD "id,code,name,name_en,tier,parent,print_order,valid_from,valid_to\n"
#define FIELDS_HEAD "id,name,name_en,print_order\n"
#define PROCEDURES_HEAD "id,name,field,service_level,valid_from,valid_to\n"
#define UNIT_A "a,A,Xã A,Commune A,COMMUNE,,1,,\n"
#define FIELD_F "f,F,,1\n"

/* NULL = a header and nothing else, "" = no such file. */
struct files {
    const char *units, *fields, *procedures;
};

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    (void)unlink(path);
    if (text[0] == '\0') {
        return;
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void write_files(const char *directory, const struct files *files)
{
    write_file(directory, "units.csv", files->units != NULL ? files->units : UNITS_HEAD);
    write_file(directory, "fields.csv", files->fields != NULL ? files->fields : FIELDS_HEAD);
    write_file(directory, "procedures.csv",
               files->procedures != NULL ? files->procedures : PROCEDURES_HEAD);
}

static void remove_files(const char *directory)
{
    write_file(directory, "units.csv", "");
    write_file(directory, "fields.csv", "");
    write_file(directory, "procedures.csv", "");
    assert_int_equal(rmdir(directory), 0);
}

static enum status import(const struct files *files, struct buffer *packed, struct error *error)
{
    char directory[] = "/tmp/catalogue-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    write_files(directory, files);
    const enum status status = catalogue_import_csv(directory, packed, error);
    remove_files(directory);
    return status;
}

static void import_ok(const struct files *files, struct buffer *packed)
{
    struct error error = {0};
    buffer_init(packed, CATALOGUE_BYTES_MAX);
    if (import(files, packed, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

/* All of these say the same. */
static void test_spellings(void **state)
{
    static const char *const spellings[] = {
        UNITS_HEAD
        "a,A,\"Xã A, B\",\"Say \"\"A\"\"\",COMMUNE,,1,2024-01-01,\nb,,B,,PROVINCE,,2,,\n",
        "\xef\xbb\xbf" UNITS_HEAD
        "a,A,\"Xã A, B\",\"Say \"\"A\"\"\",COMMUNE,,1,2024-01-01,\nb,,B,,PROVINCE,,2,,",
        "id;code;name;name_en;tier;parent;print_order;valid_from;valid_to\r\n"
        "a;A;Xã A, B;\"Say \"\"A\"\"\";commune;;01;2024-01-01;\r\n\r\nb;\"\";B;;Province;;2;;\r\n",
        "\"valid_to\",code,name,name_en,tier,parent,print_order,valid_from,id\n\n"
        ",A,\"Xã\r\nA,  B\",\" Say\t\"\"A\"\"\n\",COMMUNE,,1,2024-01-01, a \n,,,,,,,,\n"
        ", ,B,,PROVINCE,,2,,b",
        UNITS_HEAD
        "a,A,\"Xa\xcc\x83 A, B\",\"Say \"\"A\"\"\",COMMUNE,,1,2024-01-01,\nb,,B,,PROVINCE,,2,,\n",
    };
    struct buffer first;
    (void)state;
    import_ok(&(struct files){.units = spellings[0]}, &first);
    for (size_t i = 1; i < sizeof spellings / sizeof *spellings; i++) {
        struct buffer packed;
        import_ok(&(struct files){.units = spellings[i]}, &packed);
        assert_int_equal(packed.size, first.size);
        assert_memory_equal(packed.data, first.data, first.size);
        buffer_fini(&packed);
    }
    buffer_fini(&first);
}

static void test_levels(void **state)
{
    static const struct {
        const char *text;
        uint32_t level;
    } cases[] = {{"FULL", 1},       {"PARTIAL", 2},  {"NONE", 3}, {"none", 3},
                 {"mức độ 4", 1},   {"Mức độ 3", 2}, {"4", 1},    {"3", 2},
                 {"Toàn trình", 1}, {"một phần", 2}, {" 4 ", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        struct buffer packed;
        struct catalogue *catalogue = NULL;
        (void)snprintf(text, sizeof text, PROCEDURES_HEAD "p,P,f,%s,,\n", cases[i].text);
        import_ok(&(struct files){.fields = FIELDS_HEAD FIELD_F, .procedures = text}, &packed);
        assert_int_equal(catalogue_parse(buffer_slice(&packed), &catalogue, NULL), STATUS_OK);
        const struct procedure *procedure = catalogue_procedure(catalogue, slice_text("p"));
        assert_int_equal(procedure->service_level, cases[i].level);
        catalogue_free(catalogue);
        buffer_fini(&packed);
    }
}

struct fault_case {
    struct files files;
    enum status status;
    const char *place; /* after the folder */
    const char *word;
};

static const struct fault_case faults[] = {
    {{.units = ""}, STATUS_NOT_FOUND, "cannot open ", "/units.csv: No such file"},
    {{.units = "\n\n"}, STATUS_INVALID, "/units.csv:1: header: ", "empty"},
    {{.units = "\xef\xbb\xbf"}, STATUS_INVALID, "/units.csv:1: header: ", "empty"},
    {{.fields = "id,name,print_order\n"}, STATUS_INVALID, "/fields.csv:1: name_en: ", "missing"},
    {{.fields = "id\tname\tname_en\tprint_order\n"}, STATUS_INVALID, "/fields.csv:1: ", "unknown"},
    {{.fields = "id,name,name_em,print_order\n"},
     STATUS_INVALID,
     "/fields.csv:1: name_em: ",
     "did you mean name_en?"},
    {{.fields = "id,name,name_en,print_order,colour\n"},
     STATUS_INVALID,
     "/fields.csv:1: colour: ",
     "the columns are id, name, name_en, print_order"},
    {{.fields = "\nid,name,name_en,print_order,name\n"},
     STATUS_INVALID,
     "/fields.csv:2: name: ",
     "twice"},
    {{.fields = "\xff\xfei\n"}, STATUS_INVALID, "/fields.csv:1: ", "UTF-16"},
    {{.fields = "sep=;\nid;name;name_en;print_order\n"}, STATUS_INVALID, "/fields.csv:1: ", "sep="},
    {{.fields = "id,name,name_en,print_order\rf,F,,1\r"}, STATUS_INVALID, "/fields.csv:1: ", "CR"},
    {{.fields = "PK\x03\x04"}, STATUS_INVALID, "/fields.csv:1: ", "workbook"},
    {{.fields = FIELDS_HEAD FIELD_F "Tổng cộng,,,3\n"},
     STATUS_INVALID,
     "/fields.csv:3: ",
     "totals"},
    {{.fields = FIELDS_HEAD "g,G,,45.0\n"},
     STATUS_INVALID,
     "/fields.csv:2: print_order: ",
     "write 45"},
    {{.fields = FIELDS_HEAD "g\xe2\x80\x8b,G,,1\n"},
     STATUS_INVALID,
     "/fields.csv:2: id: ",
     "U+200B"},
    {{.fields = FIELDS_HEAD "f,F\n"}, STATUS_INVALID, "/fields.csv:2: name_en: ", "2 cells"},
    {{.fields = FIELDS_HEAD "f,F,,1,\n"}, STATUS_INVALID, "/fields.csv:2: ", "5 cells"},
    {{.fields = FIELDS_HEAD FIELD_F "g,G,,one\n"},
     STATUS_INVALID,
     "/fields.csv:3: print_order: ",
     "\"one\""},
    {{.fields = FIELDS_HEAD "g,G,,-1\n"}, STATUS_INVALID, "/fields.csv:2: print_order: ", "-1"},
    {{.fields = FIELDS_HEAD "g,G,,\n"}, STATUS_INVALID, "/fields.csv:2: print_order: ", "whole"},
    {{.fields = FIELDS_HEAD "g,G,,4294967296\n"},
     STATUS_INVALID,
     "/fields.csv:2: print_order: ",
     "4294967295"},
    {{.fields = FIELDS_HEAD "g,G\xe1,,1\n"}, STATUS_INVALID, "/fields.csv:2: name: ", "UTF-8"},
    {{.fields = FIELDS_HEAD "g,G\x07,,1\n"}, STATUS_INVALID, "/fields.csv:2: name: ", "control"},
    {{.fields = FIELDS_HEAD "g,G\"x,,1\n"}, STATUS_INVALID, "/fields.csv:2: ", "quote"},
    {{.fields = FIELDS_HEAD "g,\"G\"x,,1\n"}, STATUS_INVALID, "/fields.csv:2: ", "closing quote"},
    {{.fields = FIELDS_HEAD FIELD_F "g,\"G,,1\nh,H,,2\n"},
     STATUS_INVALID,
     "/fields.csv:3: ",
     "never ends"},
    {{.fields = FIELDS_HEAD ",F,,1\n"}, STATUS_INVALID, "/fields.csv:2: id: ", "empty"},
    {{.fields = FIELDS_HEAD "\"f\",\"F\n\nG\",,1\n" FIELD_F},
     STATUS_INVALID,
     "/fields.csv:5: id: ",
     "(the other is in line 2)"},
    {{.units = UNITS_HEAD "a,,A,,TOWN,,1,,\n"},
     STATUS_INVALID,
     "/units.csv:2: tier: ",
     "PROVINCE, DEPARTMENT, DISTRICT, COMMUNE"},
    {{.units = UNITS_HEAD UNIT_A "b,,B,,COMMUNE,,1,2024-02-30,\n"},
     STATUS_INVALID,
     "/units.csv:3: valid_from: ",
     "2024-02-30"},
    {{.units = UNITS_HEAD "b,,B,,COMMUNE,,1,,30/06/2025\n"},
     STATUS_INVALID,
     "/units.csv:2: valid_to: ",
     "YYYY-MM-DD"},
    {{.units = UNITS_HEAD UNIT_A "\nb,,B,,COMMUNE,c,1,,\n"},
     STATUS_INVALID,
     "/units.csv:4: parent: ",
     "no unit c"},
    {{.units = UNITS_HEAD "a,,A,,COMMUNE,b,1,,\nb,,B,,COMMUNE,a,1,,\n"},
     STATUS_INVALID,
     "/units.csv:2: parent: ",
     "below itself"},
    {{.procedures = PROCEDURES_HEAD "p,P,f,FULL,,\n"},
     STATUS_INVALID,
     "/procedures.csv:2: field: ",
     "no field f"},
    {{.fields = FIELDS_HEAD FIELD_F, .procedures = PROCEDURES_HEAD "p,P,f,mức độ 2,,\n"},
     STATUS_INVALID,
     "/procedures.csv:2: service_level: ",
     "FULL, PARTIAL, NONE"},
};

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const struct fault_case *fault = &faults[i];
        struct buffer packed;
        struct error error = {0};
        buffer_init(&packed, CATALOGUE_BYTES_MAX);
        const enum status status = import(&fault->files, &packed, &error);
        const char *place = strstr(error.text, fault->place);
        if (status != fault->status || place == NULL || strstr(place, fault->word) == NULL) {
            fail_msg("wanted %s…%s, got %s", fault->place, fault->word, error.text);
        }
        assert_true(text_is_clean(slice_text(error.text)));
        assert_int_equal(import(&fault->files, &packed, NULL), fault->status);
        buffer_fini(&packed);
    }
}

/* A whole list is mended at one go: every fault of every file, in their order. */
static void test_all_faults(void **state)
{
    const struct files files = {.units = UNITS_HEAD "a,A,Xã A,,COMMUNE,x,1,,\n"
                                                    "b,B,Xã B,,TOWN,,y,,\n"
                                                    "c,C,Xã C,,COMMUNE,b,1,2025-13-01,\n"
                                                    "d,D,,,COMMUNE,,1,,\n",
                                .fields = FIELDS_HEAD "f,F,,\n",
                                .procedures = PROCEDURES_HEAD "1,P,g,FULL,,\n"};
    static const char *const expected[] = {"/units.csv:2: parent: no unit x",
                                           "/units.csv:3: tier: \"TOWN\"",
                                           "/units.csv:3: print_order: \"y\"",
                                           "/units.csv:4: valid_from: ",
                                           "/units.csv:5: name: ",
                                           "/fields.csv:2: print_order: \"\"",
                                           "/procedures.csv:2: field: no field g"};
    char directory[] = "/tmp/catalogue-test-XXXXXX";
    struct catalogue_import got;
    (void)state;
    assert_non_null(mkdtemp(directory));
    write_files(directory, &files);
    catalogue_import_init(&got);
    assert_int_equal(catalogue_import(directory, &got), STATUS_INVALID);
    remove_files(directory);
    buffer_u8(&got.faults, 0);
    const char *at = (const char *)got.faults.data;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const char *found = strstr(at, expected[i]);
        if (found == NULL) {
            fail_msg("wanted %s in %s", expected[i], at);
        }
        at = found + 1;
    }
    assert_int_equal(got.fault_count, 7);
    catalogue_import_fini(&got);
}

static void test_warnings(void **state)
{
    const struct files files = {.units = UNITS_HEAD "634.0,,A,,COMMUNE,,1,,\n"
                                                    "p,,P,,PROVINCE,,1,,\n"
                                                    "nan,,B,,COMMUNE,p,1,,\n"
                                                    "c,,Xã Cũ,,COMMUNE,p,1,,2025-06-30\n"
                                                    "c,,Xã Mới,,COMMUNE,634.0,1,2025-07-01,\n",
                                .fields = FIELDS_HEAD FIELD_F,
                                .procedures =
                                    PROCEDURES_HEAD "1.004221,P,f,FULL,,\n1.001193,Q,f,FULL,,\n"
                                                    "1.0012,R,f,FULL,,\n"};
    static const char *const expected[] = {"units.csv:2: id: \"634.0\"", "units.csv:4: id: \"nan\"",
                                           "units.csv:6: id: c changes its name and its parent",
                                           "procedures.csv:4: id: 1.0012 has 4 digits"};
    char directory[] = "/tmp/catalogue-test-XXXXXX";
    struct catalogue_import got;
    (void)state;
    assert_non_null(mkdtemp(directory));
    write_files(directory, &files);
    catalogue_import_init(&got);
    assert_int_equal(catalogue_import(directory, &got), STATUS_OK);
    remove_files(directory);
    buffer_u8(&got.warnings, 0);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_non_null(strstr((const char *)got.warnings.data, expected[i]));
    }
    assert_non_null(strstr((const char *)got.warnings.data, "is it 1.001200?"));
    assert_int_equal(got.warning_count, 4);
    catalogue_import_fini(&got);
}

/* What is written imports to the same bytes. */
static void test_export(void **state)
{
    const struct files files = {
        .units =
            "id,code,name,name_en,tier,parent,print_order,valid_from,valid_to,successors,aliases\n"
            "a,A,\"Xã \"\"A\"\", B\",Say,COMMUNE,,1,,2025-06-30,b c,x y\n"
            "b,,B;,,NATION,,2,2025-07-01,,,\nc,,C,,MINISTRY,,4294967295,2025-07-01,,,\n",
        .fields = FIELDS_HEAD FIELD_F,
        .procedures = "id,name,field,service_level,valid_from,valid_to,aliases\n"
                      "1.004221,\"Đất đai, nhà ở\",f,mức độ 4,,,1.004221.000.00.00.H27\n"};
    char directory[] = "/tmp/catalogue-test-XXXXXX";
    struct buffer first;
    struct buffer second;
    struct error error = {0};
    (void)state;
    import_ok(&files, &first);
    assert_non_null(mkdtemp(directory));
    assert_int_equal(catalogue_export_csv(buffer_slice(&first), directory, &error), STATUS_OK);
    buffer_init(&second, CATALOGUE_BYTES_MAX);
    assert_int_equal(catalogue_import_csv(directory, &second, &error), STATUS_OK);
    assert_int_equal(second.size, first.size);
    assert_memory_equal(second.data, first.data, first.size);
    remove_files(directory);
    assert_int_equal(catalogue_export_csv(buffer_slice(&first), "/nowhere/at/all", &error),
                     STATUS_NOT_FOUND);
    buffer_fini(&first);
    buffer_fini(&second);
}

static void test_limits(void **state)
{
    const struct files files = {.units = UNITS_HEAD UNIT_A};
    struct buffer packed;
    struct error error = {0};
    (void)state;
    buffer_init(&packed, 10);
    assert_int_equal(import(&files, &packed, &error), STATUS_TOO_LARGE);
    assert_non_null(strstr(error.text, "10 bytes"));
    buffer_fini(&packed);

    char *text = test_calloc(1, 1 << 20);
    char *end = text + snprintf(text, 1 << 20, "%s", FIELDS_HEAD);
    for (int i = 0; i < CATALOGUE_FIELDS_MAX + 1; i++) {
        end += snprintf(end, 32, "f%d,F,,1\n", i);
    }
    buffer_init(&packed, CATALOGUE_BYTES_MAX);
    assert_int_equal(import(&(struct files){.fields = text}, &packed, &error), STATUS_TOO_LARGE);
    assert_non_null(strstr(error.text, "/fields.csv:1002: more than 1000 rows"));
    buffer_fini(&packed);
    test_free(text);
}

/* Records, cell by cell: | between cells, / between records. */
static void test_records(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"\xef\xbb\xbf", ""},
        {"a", "a"},
        {"a,b\n", "a|b"},
        {"a;b,c\nd,e;f\r\n", "a|b,c/d,e|f"},
        {"\"a;b\",c;d\n", "a;b|c;d"},
        {",\n,,\n", "|/||"},
        {"\"\"\n", ""},
        {"\"\",x\n", "|x"},
        {"\"a\"\"\"\"b\",\"\"\"\"", "a\"\"b|\""},
        {"\"a\nb\r\nc\",d\n\n\ne", "a\nb\r\nc|d/e"},
        {"a\rb,c", "a\rb|c"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena;
        struct csv csv;
        struct csv_record record;
        struct buffer text;
        enum status status;
        arena_init(&arena, 1 << 16);
        buffer_init(&text, 1 << 16);
        csv_open(&csv, slice_text(cases[i][0]), &arena);
        for (int records = 0; (status = csv_next(&csv, &record)) == STATUS_OK; records++) {
            for (uint32_t j = 0; j < record.count; j++) {
                buffer_printf(&text, "%s%.*s",
                              j > 0         ? "|"
                              : records > 0 ? "/"
                                            : "",
                              SLICE_ARG(record.cells[j]));
            }
        }
        assert_int_equal(status, STATUS_NOT_FOUND);
        buffer_u8(&text, 0);
        assert_string_equal((const char *)text.data, cases[i][1]);
        buffer_fini(&text);
        arena_fini(&arena);
    }
}

struct demo_case {
    const char *day;
    const char *root;
    uint32_t count;
    uint32_t place; /* a node of the tree … */
    const char *id; /* … and who stands there */
    const char *name;
};

static const struct demo_case demo_cases[] = {
    {"2024-02-19", "", 28, 0, "H27", "UBND tỉnh Hà Tĩnh"},
    {"2024-02-19", "", 28, 4, "H27.45", "UBND huyện Cẩm Xuyên"},
    {"2024-02-19", "H27.45", 24, 1, "H27.45.01", "Thị trấn Cẩm Xuyên"},
    {"2024-02-19", "H27.45", 24, 23, "H27.45.23", "Xã Yên Hòa"},
    {"2025-06-30", "H27.45", 24, 0, "H27.45", "UBND huyện Cẩm Xuyên"},
    {"2025-07-01", "", 12, 3, "H27.05", "Sở Tài chính"},
    {"2025-07-01", "H27", 12, 4, "H27.101", "Xã Cẩm Xuyên"},
};

static void check_demo_trees(const struct catalogue *catalogue)
{
    for (size_t i = 0; i < sizeof demo_cases / sizeof *demo_cases; i++) {
        const struct demo_case *demo = &demo_cases[i];
        struct arena arena;
        struct scope scope;
        arena_init(&arena, 1 << 16);
        assert_int_equal(
            scope_of(catalogue, TREE(slice_text(demo->root), day_of(demo->day)), &arena, &scope),
            STATUS_OK);
        assert_int_equal(scope.count, demo->count);
        assert_true(slice_equal(scope.rows[demo->place].unit->id, slice_text(demo->id)));
        assert_true(slice_equal(scope.rows[demo->place].unit->name, slice_text(demo->name)));
        arena_fini(&arena);
    }
}

static void test_demo(void **state)
{
    struct buffer packed;
    struct error error = {0};
    struct catalogue *catalogue = NULL;
    uint32_t count;
    (void)state;
    buffer_init(&packed, CATALOGUE_BYTES_MAX);
    if (catalogue_import_csv(DEMO_CATALOGUE, &packed, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(catalogue_parse(buffer_slice(&packed), &catalogue, &error), STATUS_OK);
    check_demo_trees(catalogue);
    assert_null(catalogue_unit(catalogue, slice_text("H27.45"), day_of("2025-07-01")));
    assert_true(scope_covers(catalogue, slice_text("H27.45"), slice_text("H27.45.23")));
    assert_true(scope_covers(catalogue, slice_text("H27"), slice_text("H27.45.23")));
    assert_false(scope_covers(catalogue, slice_text("H27.45"), slice_text("H27.101")));
    (void)catalogue_procedures(catalogue, &count);
    assert_true(count >= 45);
    assert_int_equal(catalogue_procedure(catalogue, slice_text("1.004221"))->service_level, 1);
    catalogue_free(catalogue);
    buffer_fini(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings), cmocka_unit_test(test_levels),
        cmocka_unit_test(test_faults),    cmocka_unit_test(test_all_faults),
        cmocka_unit_test(test_warnings),  cmocka_unit_test(test_export),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_records),
        cmocka_unit_test(test_demo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
