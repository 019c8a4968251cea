/* SPDX-License-Identifier: Apache-2.0
 *
 * A table on a terminal is read through a pager: $PAGER, or `less -FRX`, which shows what fits on
 * the screen and ends. None: an empty PAGER, "cat", no less on this machine, or a dumb terminal.
 */
#ifndef HOSO_PAGER_H
#define HOSO_PAGER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct pager {
    FILE *file; /* what is written here is shown; NULL = there is no pager */
    pid_t pid;
};

void pager_begin(struct pager *pager);
/* Waits until the reader has left. False: the pager could not be run. That the reader left early is
 * no failure. */
bool pager_end(struct pager *pager);

#endif
