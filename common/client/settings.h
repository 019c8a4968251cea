/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the client's settings, for its sample file and the manual.
 */
#ifndef HOSO_CLIENT_SETTINGS_H
#define HOSO_CLIENT_SETTINGS_H

#include "config/config.h"

extern const struct setting client_setting_table[];

#endif
