/* SPDX-License-Identifier: Apache-2.0
 *
 * A made-up province of any size: "S", its districts "S.01" …, their communes "S.01.001" …,
 * procedures "P.00001" … in forty fields. Ids follow from numbers alone, so that events need no
 * catalogue at hand.
 */
#include "services/hoso/simulate/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { COMMUNES_EACH = 16, DISTRICTS_MAX = 99 };

uint32_t made_up_districts(uint32_t units)
{
    const uint32_t districts = (units + COMMUNES_EACH - 1) / (COMMUNES_EACH + 1);
    return districts == 0 ? 1 : districts < DISTRICTS_MAX ? districts : DISTRICTS_MAX;
}

void made_up_unit(uint32_t number, uint32_t units, char id[MADE_UP_ID_MAX])
{
    const uint32_t districts = made_up_districts(units);
    if (number == 0) {
        (void)snprintf(id, MADE_UP_ID_MAX, "S");
    } else if (number <= districts) {
        (void)snprintf(id, MADE_UP_ID_MAX, "S.%02" PRIu32, number);
    } else {
        const uint32_t commune = number - districts - 1;
        (void)snprintf(id, MADE_UP_ID_MAX, "S.%02" PRIu32 ".%03" PRIu32, commune % districts + 1,
                       commune / districts + 1);
    }
}

void made_up_procedure(uint32_t number, char id[MADE_UP_ID_MAX])
{
    (void)snprintf(id, MADE_UP_ID_MAX, "P.%05" PRIu32, number + 1);
}

void made_up_field(uint32_t procedure, char id[MADE_UP_ID_MAX])
{
    (void)snprintf(id, MADE_UP_ID_MAX, "F.%02" PRIu32, procedure % MADE_UP_FIELDS + 1);
}

enum service_level made_up_level(uint32_t procedure)
{
    return (enum service_level)(LEVEL_FULL + procedure / MADE_UP_FIELDS % LEVEL_NOT_ONLINE);
}

typedef void write_rows(FILE *out, uint32_t count);

static void write_units(FILE *out, uint32_t units)
{
    (void)fputs("id,code,name,name_en,tier,parent,print_order,valid_from,valid_to\n", out);
    const uint32_t districts = made_up_districts(units);
    for (uint32_t i = 0; i < units; i++) {
        char id[MADE_UP_ID_MAX];
        char parent[MADE_UP_ID_MAX] = "";
        made_up_unit(i, units, id);
        const char *tier = i == 0 ? "PROVINCE" : i <= districts ? "DISTRICT" : "COMMUNE";
        const char *name = i == 0 ? "Tỉnh mẫu" : i <= districts ? "Huyện mẫu" : "Xã mẫu";
        if (i != 0) {
            const char *dot = strrchr(id, '.');
            (void)snprintf(parent, sizeof parent, "%.*s", (int)(dot - id), id);
        }
        (void)fprintf(out, "%s,%s,%s %" PRIu32 ",,%s,%s,%" PRIu32 ",2000-01-01,\n", id, id, name, i,
                      tier, parent, i);
    }
}

static void write_fields(FILE *out, uint32_t count)
{
    (void)fputs("id,name,name_en,print_order\n", out);
    for (uint32_t i = 0; i < count; i++) {
        char id[MADE_UP_ID_MAX];
        made_up_field(i, id);
        (void)fprintf(out, "%s,Lĩnh vực mẫu %" PRIu32 ",,%" PRIu32 "\n", id, i + 1, i + 1);
    }
}

static void write_procedures(FILE *out, uint32_t count)
{
    static const char *const levels[] = {
        [LEVEL_FULL] = "FULL", [LEVEL_PARTIAL] = "PARTIAL", [LEVEL_NOT_ONLINE] = "NONE"};
    (void)fputs("id,name,field,service_level,valid_from,valid_to\n", out);
    for (uint32_t i = 0; i < count; i++) {
        char id[MADE_UP_ID_MAX];
        char field[MADE_UP_ID_MAX];
        made_up_procedure(i, id);
        made_up_field(i, field);
        (void)fprintf(out, "%s,Thủ tục mẫu %" PRIu32 ",%s,%s,2000-01-01,\n", id, i + 1, field,
                      levels[made_up_level(i)]);
    }
}

static int write_table(const char *folder, const char *name, write_rows *rows, uint32_t count)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "we");
    if (out != NULL) {
        rows(out, count);
        const bool good = ferror(out) == 0;
        if (fclose(out) == 0 && good) {
            return EXIT_DONE;
        }
    }
    (void)fprintf(stderr, "hoso: cannot write %s: %s\n", path, strerror(errno));
    return EXIT_FAILED;
}

static const struct usage usage = {
    "simulate catalogue --units N --procedures N DIR",
    "Write the CSV files of a made-up catalogue.",
    "It goes with the events of `hoso simulate random` with the same numbers.",
};

int simulate_catalogue(struct command *command, int argc, char **argv)
{
    uint64_t units = 230;
    uint64_t procedures = 2700;
    const char *folder = NULL;
    const struct option options[] = {
        {"DIR", OPTION_ARGUMENT, &folder, NULL, "where the files go", true},
        {"units", OPTION_NUMBER, &units, "N", "units, with the province (230)", false},
        {"procedures", OPTION_NUMBER, &procedures, "N", "procedures (2700)", false},
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    if (units < 2 || units > MADE_UP_UNITS_MAX || procedures == 0 ||
        procedures > MADE_UP_PROCEDURES_MAX) {
        return usage_error(&usage, "2 to %d units and 1 to %d procedures", MADE_UP_UNITS_MAX,
                           MADE_UP_PROCEDURES_MAX);
    }
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        (void)fprintf(stderr, "hoso: cannot make %s: %s\n", folder, strerror(errno));
        return EXIT_FAILED;
    }
    code = write_table(folder, "units.csv", write_units, (uint32_t)units);
    if (code == EXIT_DONE) {
        code = write_table(folder, "fields.csv", write_fields, MADE_UP_FIELDS);
    }
    return code == EXIT_DONE
               ? write_table(folder, "procedures.csv", write_procedures, (uint32_t)procedures)
               : code;
}
