/* SPDX-License-Identifier: Apache-2.0
 *
 * Each endpoint of the configuration: does something listen there, has it the key that we think it
 * has, does it know ours. A server that does not know a key says nothing at all, so the last one is
 * a conclusion: it proved its own key and gave no answer.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include "bus/probe.h"

/* What the checks and the settings of an endpoint are called. */
static const struct doctor_place {
    enum peer peer;
    const char *service;
    const char *key_setting;
    const char *reachable; /* checks */
    const char *known;     /* NULL = it is not asked anything */
} places[] = {
    {PEER_INTAKE, "intake", "intake_key", "intake.reachable", "intake.knows-us"},
    {PEER_JOURNAL, "intake", "intake_key", "journal.reachable", NULL},
    {PEER_LEDGER, "aggregation", "ledger_key", "aggregation.reachable", "aggregation.knows-us"},
    {PEER_REPORTING, "reporting", "reporting_key", "reporting.reachable", "reporting.knows-us"},
    {PEER_TOTALS, "reporting", "reporting_key", "totals.reachable", NULL},
    {PEER_TOTALS_RESTRICTED, "reporting", "reporting_key", "totals_restricted.reachable", NULL},
};

/* Of an endpoint: service, endpoint, the setting with its key. */
#define FIX_ADDRESS                                                                       \
    {                                                                                     \
        "Kiểm tra địa chỉ trong cấu hình, máy chủ, mạng và tường lửa",                    \
            "Check the address in the configuration, the host, the network, the firewall" \
    }
static const struct doctor_sentences probes[] = {
    [BUS_FAULT_NONE] = {.sound = {"{1} có ở {2}, đúng khóa", "{1} is at {2}, with the right key"}},
    [BUS_FAULT_REFUSED] = {.wrong = {"{1}: không có gì lắng nghe ở {2}",
                                     "{1}: nothing listens at {2}"},
                           .fix = {"Khởi động dịch vụ (`docker-compose up -d {1}`, hoặc `systemctl "
                                   "start hoso-{1}`), hoặc sửa địa chỉ trong cấu hình",
                                   "Start it (`docker-compose up -d {1}`, or `systemctl start "
                                   "hoso-{1}`), or correct the address in the configuration"}},
    [BUS_FAULT_WRONG_KEY] =
        {.wrong = {"{1}: dịch vụ ở {2} có khóa khác với khóa trong cấu hình",
                   "{1}: the service at {2} has another key than the configuration "
                   "says"},
         .fix = {"Chép dòng `public` trong tệp khóa của {1} vào {3}",
                 "Copy the line `public` of {1}'s key file to {3}"}},
    [BUS_FAULT_SILENT] =
        {.wrong = {"{1}: ở {2} có kết nối nhưng không có trả lời: dịch vụ bị treo, "
                   "hoặc là chương trình khác",
                   "{1}: {2} takes connections and says nothing: the service hangs, "
                   "or it is something else"},
         .fix = {"Xem nhật ký của dịch vụ rồi khởi động lại; không mất gì",
                 "Look at the service's log, then restart it; nothing is lost"}},
    [BUS_FAULT_FOREIGN] = {.wrong = {"{1}: ở {2} là một chương trình khác, không phải hoso",
                                     "{1}: something else than hoso listens at {2}"},
                           .fix = FIX_ADDRESS},
    [BUS_FAULT_NAME] = {.wrong = {"{1}: không tìm thấy máy chủ có tên trong {2}",
                                  "{1}: no host has the name in {2}"},
                        .fix = FIX_ADDRESS},
    [BUS_FAULT_UNREACHABLE] =
        {.wrong = {"{1}: không tới được {2}: máy tắt, sai địa chỉ, hoặc tường "
                   "lửa chặn",
                   "{1}: there is no way to {2}: the host is down, the address "
                   "wrong, or a firewall between"},
         .fix = FIX_ADDRESS},
};
/* service, the setting with its endpoint, the one with its key */
static const struct doctor_sentences configured = {
    .wrong = {"cấu hình không nêu {1}: không kiểm tra được",
              "the configuration does not name {1}: it cannot be checked"},
    .fix = {"Thêm {2} và {3} vào cấu hình", "Add {2} and {3} to the configuration"},
};
/* service, its version or our public key */
static const struct doctor_sentences knows_us = {
    .sound = {"{1} {2} trả lời khóa của chúng ta", "{1} {2} answers our key"},
    .wrong = {"{1} có đúng khóa nhưng không trả lời chúng ta: rất có thể khóa của chúng ta không "
              "có trong sổ đăng ký của dịch vụ, hoặc đã hết hạn",
              "{1} has the right key and does not answer us: most likely our key is not in its "
              "registry, or has expired"},
    .fix = {"`hoso key grant TÊN --key '{2}' --role admin --registry …`, rồi gửi SIGHUP cho {1}",
            "`hoso key grant NAME --key '{2}' --role admin --registry …`, then send {1} SIGHUP"},
};
/* service, the error, what to do */
static const struct doctor_sentences shows_status = {
    .wrong = {"{1} không cho xem tình trạng: {2}", "{1} does not show its status: {2}"},
    .fix = {"{3}", "{3}"},
};
static const struct doctor_sentences client_opened = {.wrong = {"{1}", "{1}"}};

/* True = it is what it should be. Whether it knows our key is another check. */
static bool report_probe(struct doctor *doctor, const struct doctor_place *place,
                         const char *endpoint, enum bus_fault fault)
{
    const bool right = fault == BUS_FAULT_NONE || fault == BUS_FAULT_NO_RIGHT;
    const enum bus_fault row = right                          ? BUS_FAULT_NONE
                               : probes[fault].fix[0] == NULL ? BUS_FAULT_UNREACHABLE
                                                              : fault;
    doctor_report(doctor, doctor_verdict(right), place->reachable, &probes[row], place->service,
                  endpoint, place->key_setting);
    return right;
}

/* Each endpoint of the list. True = one at least is what it should be. */
static bool report_place(struct doctor *doctor, struct hoso_client *client,
                         const struct doctor_place *place)
{
    const struct client_settings *settings = &doctor->settings;
    char endpoint[BUS_ENDPOINT_SIZE];
    enum bus_fault fault;
    bool right = false;
    for (unsigned i = 0;
         bus_probe(client->bus, settings->endpoint[place->peer], settings->server_key[place->peer],
                   i, (int)settings->timeout_ms, endpoint, &fault);
         i++) {
        right = report_probe(doctor, place, endpoint, fault) || right;
    }
    return right;
}

static void report_answer(struct doctor *doctor, const struct doctor_place *place,
                          const struct status_answer *answer)
{
    if (answer->reply != NULL) {
        doctor_report(doctor, VERDICT_OK, place->known, &knows_us, place->service,
                      answer->reply->version);
    } else if (answer->status == HOSO_UNAVAILABLE) {
        doctor_report(doctor, VERDICT_FAILURE, place->known, &knows_us, place->service,
                      doctor->settings.keys.public_text);
    } else {
        doctor_report(doctor, VERDICT_FAILURE, place->known, &shows_status, place->service,
                      answer->error.text,
                      answer->status == HOSO_DENIED
                          ? IN(doctor, "Cần khóa có vai trò admin: `hoso key grant`",
                               "It takes a key with the role admin: `hoso key grant`")
                          : IN(doctor, "Xem nhật ký của dịch vụ", "Look at the service's log"));
    }
}

static struct status_answer *answer_of(struct doctor *doctor, enum peer peer)
{
    struct status_answer *answer = doctor->answers;
    while (answer->peer != peer) {
        answer++;
    }
    return answer;
}

void doctor_endpoints(struct doctor *doctor)
{
    const struct client_settings *settings = &doctor->settings;
    struct hoso_client *client = NULL;
    struct hoso_error error;
    status_answers_init(doctor->answers);
    if (client_open(settings, &client, &error) != HOSO_OK) {
        doctor_report(doctor, VERDICT_FAILURE, "client.open", &client_opened, error.text);
        return;
    }
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        const struct doctor_place *place = &places[i];
        if (settings->endpoint[place->peer][0] == '\0') {
            if (place->known != NULL) {
                doctor_report(doctor, VERDICT_WARNING, place->reachable, &configured,
                              place->service, peer_name(place->peer), place->key_setting);
            }
            continue;
        }
        if (report_place(doctor, client, place) && place->known != NULL) {
            struct status_answer *answer = answer_of(doctor, place->peer);
            status_ask(client, &doctor->arena, answer);
            report_answer(doctor, place, answer);
        }
    }
    hoso_client_close(client);
}
