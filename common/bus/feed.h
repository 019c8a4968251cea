/* SPDX-License-Identifier: Apache-2.0
 *
 * Feeds: a publisher (plain XPUB) and its subscribers (SUB), out of the same constructor as all
 * other sockets. A message is two frames, [topic][payload]. A subscriber whose queue is full loses
 * messages, silently: what is published must let it notice. Topics match by prefix.
 */
#ifndef HOSO_BUS_FEED_H
#define HOSO_BUS_FEED_H

#include "bus/bus.h"

enum {
    BUS_TOPIC_MAX = 64, /* bytes */
    BUS_FEED_BYTES_MAX = 64 << 10,
    BUS_FEED_QUEUE = 1000 /* messages, per subscriber */
};

/* Server. The guard is asked with `domain`. An established session outlives its key's revocation:
 * close, and publish anew, to have all subscribers checked again. EXISTS = the endpoint is in use,
 * maybe for a moment still by the socket just closed. */
enum status bus_publish(struct bus *bus, const char *endpoint, const char *domain,
                        struct bus_socket **ret_socket, struct error *error) MUST_USE;
/* To all who subscribed to a prefix of the topic and have room. TOO_LARGE = payload or topic. */
enum status bus_publish_message(struct bus_socket *socket, const char *topic,
                                struct slice payload) MUST_USE;

/* The first subscription to a topic, or the end of its last. */
struct bus_subscription {
    bool on;
    char topic[BUS_TOPIC_MAX + 1];
    char user[BUS_NAME_MAX + 1]; /* whose it is; may be empty at its end */
};
/* Publishers must take these in, or they pile up. TIMEOUT = nothing there. Other messages and
 * topics over the limit are dropped and counted. */
enum status bus_receive_subscription(struct bus_socket *socket,
                                     struct bus_subscription *ret_subscription) MUST_USE;

/* Client; `queue_messages` = its own high-water mark. Connects like bus_connect. */
enum status bus_subscribe(struct bus *bus, const char *endpoints, const char *server_keys,
                          uint32_t queue_messages, struct bus_socket **ret_socket,
                          struct error *error) MUST_USE;
enum status bus_subscribe_topic(struct bus_socket *socket, const char *prefix) MUST_USE;
/* TIMEOUT = nothing there. What is not [topic][payload] within the limits is dropped and counted.
 */
enum status bus_receive_topic(struct bus_socket *socket, char ret_topic[BUS_TOPIC_MAX + 1],
                              struct bus_message *ret_message) MUST_USE;

#endif
