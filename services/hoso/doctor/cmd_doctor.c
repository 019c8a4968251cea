/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso doctor: what is wrong with this installation, and what to do about it.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <stdio.h>
#include <stdlib.h>

static const struct usage usage = {
    "doctor [--site DIR]",
    "What is wrong with this installation, and what to do.",
    "Looks at the client configuration, the key file, each endpoint it names, what the services "
    "report about themselves,\n"
    "and the outbox. With --site, on the services' machine, also at the keys, configurations and "
    "registry that\n"
    "hoso-first-run made; it runs the --check of each service and reads its log. Changes "
    "nothing.\n"
    "Exit code 1 if there is any failure; warnings alone are 0.",
};

static void examine(struct doctor *doctor)
{
    const bool usable = doctor_files(doctor);
    if (doctor->site.folder != NULL) {
        doctor_site(doctor);
    }
    if (usable) {
        doctor_endpoints(doctor);
        doctor_services(doctor);
    }
    doctor_site_close(doctor);
}

int cmd_doctor(struct command *command, int argc, char **argv)
{
    const char *site = NULL;
    const struct option options[] = {
        {"site", OPTION_TEXT, &site, "DIR", "what hoso-first-run made: keys, registry, …", false},
        OPTIONS_END,
    };
    int code = command_parse(command, argc, argv, options, &usage);
    if (code >= 0) {
        return code;
    }
    struct doctor *doctor = calloc(1, sizeof *doctor);
    if (doctor == NULL) {
        (void)fprintf(stderr, "hoso: out of memory\n");
        return EXIT_FAILED;
    }
    doctor->command = command;
    doctor->site.folder = site;
    arena_init(&doctor->arena, DOCTOR_ARENA_BYTES);
    examine(doctor);
    code = doctor_print(doctor, stdout) && doctor_failures(doctor) == 0 ? EXIT_DONE : EXIT_FAILED;
    explicit_bzero(&doctor->settings, sizeof doctor->settings);
    arena_fini(&doctor->arena);
    free(doctor);
    return code;
}
