/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso simulate: events and catalogues for demos, tests and benches.
 */
#include "services/hoso/simulate/simulate.h"

static const struct usage usage = {
    "simulate golden | random … | catalogue …",
    "Write made-up events to stdout.",
    "hoso simulate golden                   the month of Cẩm Xuyên, 19/01/2024 - 19/02/2024\n"
    "hoso simulate random --events N …      lives of dossiers in a province of any size\n"
    "hoso simulate catalogue --units N --procedures N DIR\n"
    "                                       the catalogue that goes with random",
};

static const struct usage usage_golden = {
    "simulate golden",
    "The month of Cẩm Xuyên as events, for deploy/demo/catalogue.",
    NULL,
};

int simulate_golden(struct command *command, int argc, char **argv)
{
    uint64_t seed = 20240219;
    const struct option options[] = {
        {"seed", OPTION_NUMBER, &seed, "S", "another dealing of the same month", false},
        OPTIONS_END,
    };
    const int code = command_parse(command, argc, argv, options, &usage_golden);
    if (code >= 0) {
        return code;
    }
    struct simulation simulation;
    simulation_init(&simulation, stdout);
    const enum status status = golden_write(seed, &simulation);
    simulation_fini(&simulation);
    if (status != STATUS_OK || fflush(stdout) != 0) {
        return report_inner(status != STATUS_OK ? status : STATUS_IO, NULL);
    }
    return EXIT_DONE;
}

int cmd_simulate(struct command *command, int argc, char **argv)
{
    static const struct command_entry verbs[] = {
        {"golden", simulate_golden, NULL},
        {"random", simulate_random, NULL},
        {"catalogue", simulate_catalogue, NULL},
        {NULL, NULL, NULL},
    };
    return command_run(command, argc, argv, verbs, &usage);
}
