/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of its own for a test, and its end.
 */
#ifndef HOSO_TESTS_UNIT_CLIENT_FOLDER_H
#define HOSO_TESTS_UNIT_CLIENT_FOLDER_H

enum { FOLDER_MAX = 64 };

void folder_make(char path[FOLDER_MAX]);
void folder_remove(const char *path);

#endif
