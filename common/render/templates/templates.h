/* SPDX-License-Identifier: Apache-2.0
 *
 * The Word templates that come with forms: folders beside this file, packed when built.
 */
#ifndef HOSO_RENDER_TEMPLATES_TEMPLATES_H
#define HOSO_RENDER_TEMPLATES_TEMPLATES_H

#include <stddef.h>

extern const unsigned char template_bao_cao_thang[];
extern const size_t template_bao_cao_thang_size;

#endif
