/* SPDX-License-Identifier: Apache-2.0
 *
 * Publishing and subscribing. Never XPUB_MANUAL: the library frees subscriptions that are in use.
 * What a subscriber sends is one frame: 1 or 0, and the topic.
 */
#include "bus/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/require.h"
#include "bus/link_internal.h"

enum {
    SUBSCRIPTION_BYTES = 1 + BUS_TOPIC_MAX,
    DROPS_IN_A_ROW_MAX = 64 /* then the caller's loop gets its turn again */
};

enum status bus_publish(struct bus *bus, const char *endpoint, const char *domain,
                        struct bus_socket **ret_socket, struct error *error)
{
    const struct bus_plan plan = {.kind = BUS_XPUB,
                                  .endpoint = endpoint,
                                  .domain = domain,
                                  .limits = {SUBSCRIPTION_BYTES, BUS_FEED_QUEUE}};
    return bus_socket_open(bus, &plan, ret_socket, error);
}

enum status bus_subscribe(struct bus *bus, const char *endpoints, const char *server_keys,
                          uint32_t queue_messages, struct bus_socket **ret_socket,
                          struct error *error)
{
    const struct bus_plan plan = {.kind = BUS_SUB,
                                  .endpoint = endpoints,
                                  .server_key_text = server_keys,
                                  .limits = {BUS_FEED_BYTES_MAX, queue_messages}};
    return bus_socket_open(bus, &plan, ret_socket, error);
}

enum status bus_subscribe_topic(struct bus_socket *socket, const char *prefix)
{
    const size_t size = strlen(prefix);
    struct link *link = socket->link;
    require(socket->kind == BUS_SUB);
    if (size > BUS_TOPIC_MAX || link->topic_count == BUS_TOPICS_MAX) {
        return STATUS_TOO_LARGE;
    }
    memcpy(link->topics[link->topic_count++], prefix, size + 1);
    if (socket->handle == NULL) {
        return STATUS_OK; /* the next attempt subscribes to it */
    }
    return zmq_setsockopt(socket->handle, ZMQ_SUBSCRIBE, prefix, size) == 0 ? STATUS_OK
                                                                            : bus_translate(errno);
}

static enum status frame_of(zmq_msg_t *frame, const void *data, size_t size)
{
    if (zmq_msg_init_size(frame, size) != 0) {
        return bus_translate(errno);
    }
    if (size != 0) {
        memcpy(zmq_msg_data(frame), data, size);
    }
    return STATUS_OK;
}

/* Both frames are made before the first is sent, so that no half of a message is left behind. */
enum status bus_publish_message(struct bus_socket *socket, const char *topic, struct slice payload)
{
    zmq_msg_t head;
    zmq_msg_t body;
    require(socket->kind == BUS_XPUB);
    if (strlen(topic) > BUS_TOPIC_MAX || payload.size > BUS_FEED_BYTES_MAX) {
        return STATUS_TOO_LARGE;
    }
    enum status status = frame_of(&body, payload.data, payload.size);
    if (status != STATUS_OK) {
        return status;
    }
    status = frame_of(&head, topic, strlen(topic));
    if (status == STATUS_OK) {
        if (bus_send_frame(socket, &head, ZMQ_SNDMORE) < 0 ||
            bus_send_frame(socket, &body, 0) < 0) {
            status = bus_translate(errno);
        }
        (void)zmq_msg_close(&head);
    }
    (void)zmq_msg_close(&body);
    return status;
}

static bool take_subscription(zmq_msg_t *frame, struct bus_subscription *subscription)
{
    const uint8_t *data = zmq_msg_data(frame);
    const size_t size = zmq_msg_size(frame);
    if (size == 0 || size > SUBSCRIPTION_BYTES || data[0] > 1 ||
        memchr(data + 1, 0, size - 1) != NULL) {
        return false;
    }
    *subscription = (struct bus_subscription){.on = data[0] == 1};
    memcpy(subscription->topic, data + 1, size - 1);
    (void)bus_copy_user(frame, subscription->user);
    return true;
}

enum status bus_receive_subscription(struct bus_socket *socket,
                                     struct bus_subscription *ret_subscription)
{
    require(socket->kind == BUS_XPUB);
    for (unsigned drops = 0; drops < DROPS_IN_A_ROW_MAX; drops++) {
        zmq_msg_t frame;
        (void)zmq_msg_init(&frame);
        const enum status status = bus_receive_frame(socket, &frame);
        const bool sound = status == STATUS_OK && !bus_skip_rest(socket, &frame) &&
                           take_subscription(&frame, ret_subscription);
        (void)zmq_msg_close(&frame);
        if (status != STATUS_OK || sound) {
            return status;
        }
        atomic_fetch_add_explicit(&socket->dropped, 1, memory_order_relaxed);
    }
    return STATUS_TIMEOUT;
}

/* INVALID = it came, but is to be dropped. */
static enum status receive_two(struct bus_socket *socket, zmq_msg_t *topic, zmq_msg_t *body,
                               char ret_topic[BUS_TOPIC_MAX + 1])
{
    enum status status = bus_receive_frame(socket, topic);
    if (status != STATUS_OK) {
        return status;
    }
    if (zmq_msg_more(topic) == 0) {
        return STATUS_INVALID;
    }
    status = bus_receive_frame(socket, body);
    const size_t size = zmq_msg_size(topic);
    if (status != STATUS_OK || bus_skip_rest(socket, body) || size > BUS_TOPIC_MAX ||
        memchr(zmq_msg_data(topic), 0, size) != NULL ||
        zmq_msg_size(body) > socket->message_bytes) {
        return STATUS_INVALID;
    }
    memcpy(ret_topic, zmq_msg_data(topic), size);
    ret_topic[size] = '\0';
    return STATUS_OK;
}

enum status bus_receive_topic(struct bus_socket *socket, char ret_topic[BUS_TOPIC_MAX + 1],
                              struct bus_message *ret_message)
{
    require(socket->kind == BUS_SUB);
    zmq_msg_t *body = malloc(sizeof *body);
    if (body == NULL) {
        return STATUS_BUSY;
    }
    enum status status = STATUS_INVALID;
    for (unsigned drops = 0; status == STATUS_INVALID && drops < DROPS_IN_A_ROW_MAX; drops++) {
        zmq_msg_t topic;
        (void)zmq_msg_init(&topic);
        (void)zmq_msg_init(body);
        status = receive_two(socket, &topic, body, ret_topic);
        (void)zmq_msg_close(&topic);
        if (status == STATUS_OK) {
            *ret_message = (struct bus_message){
                .payload = slice_of(zmq_msg_data(body), zmq_msg_size(body)), .frame = body};
            return STATUS_OK;
        }
        (void)zmq_msg_close(body);
        if (status == STATUS_INVALID) {
            atomic_fetch_add_explicit(&socket->dropped, 1, memory_order_relaxed);
        }
    }
    free(body);
    if (status == STATUS_TIMEOUT) {
        bus_look_at_link(socket);
    }
    return status == STATUS_INVALID ? STATUS_TIMEOUT : status;
}
