/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/openapi.yaml, embedded when built.
 */
#ifndef HOSO_GATEWAY_OPENAPI_H
#define HOSO_GATEWAY_OPENAPI_H

#include <stddef.h>

extern const unsigned char gateway_openapi[];
extern const size_t gateway_openapi_size;

#endif
