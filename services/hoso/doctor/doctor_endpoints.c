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

static const char *fix_start(struct doctor *doctor, const struct doctor_place *place)
{
    return doctor_text(
        doctor,
        IN(doctor,
           "Khởi động dịch vụ (`docker-compose up -d %s`, hoặc `systemctl start hoso-%s`), "
           "hoặc sửa địa chỉ trong cấu hình",
           "Start it (`docker-compose up -d %s`, or `systemctl start hoso-%s`), or correct the "
           "address in the configuration"),
        place->service, place->service);
}

static const char *fix_address(struct doctor *doctor)
{
    return IN(doctor, "Kiểm tra địa chỉ trong cấu hình, máy chủ, mạng và tường lửa",
              "Check the address in the configuration, the host, the network, the firewall");
}

static const char *fix_key(struct doctor *doctor, const struct doctor_place *place)
{
    return doctor_text(doctor,
                       IN(doctor, "Chép dòng `public` trong tệp khóa của %s vào %s",
                          "Copy the line `public` of %s's key file to %s"),
                       place->service, place->key_setting);
}

/* True = it is what it should be. */
static bool tell_probe(struct doctor *doctor, const struct doctor_place *place,
                       enum bus_probe probe)
{
    const char *endpoint = doctor->settings.endpoint[place->peer];
    const char *text = NULL;
    const char *fix = fix_address(doctor);
    switch (probe) {
    case PROBE_RIGHT_KEY:
        doctor_report(doctor, VERDICT_OK, place->reachable, "",
                      IN(doctor, "%s có ở %s, đúng khóa", "%s is at %s, with the right key"),
                      place->service, endpoint);
        return true;
    case PROBE_REFUSED:
        text = IN(doctor, "không có gì lắng nghe ở %s", "nothing listens at %s");
        fix = fix_start(doctor, place);
        break;
    case PROBE_WRONG_KEY:
        text = IN(doctor, "dịch vụ ở %s có khóa khác với khóa trong cấu hình",
                  "the service at %s has another key than the configuration says");
        fix = fix_key(doctor, place);
        break;
    case PROBE_SILENT:
        text = IN(doctor,
                  "ở %s có kết nối nhưng không có trả lời: dịch vụ bị treo, hoặc là chương "
                  "trình khác",
                  "%s takes connections and says nothing: the service hangs, or it is something "
                  "else");
        fix = IN(doctor, "Xem nhật ký của dịch vụ rồi khởi động lại; không mất gì",
                 "Look at the service's log, then restart it; nothing is lost");
        break;
    case PROBE_FOREIGN:
        text = IN(doctor, "ở %s là một chương trình khác, không phải hoso",
                  "something else than hoso listens at %s");
        break;
    case PROBE_UNKNOWN:
        text = IN(doctor, "không tìm thấy máy chủ có tên trong %s", "no host has the name in %s");
        break;
    case PROBE_UNREACHABLE:
    case PROBE_INVALID:
        text = IN(doctor, "không tới được %s: máy tắt, sai địa chỉ, hoặc tường lửa chặn",
                  "there is no way to %s: the host is down, the address wrong, or a firewall "
                  "between");
        break;
    }
    doctor_report(
        doctor, VERDICT_FAILURE, place->reachable, fix, "%s",
        doctor_text(doctor, "%s: %s", place->service, doctor_text(doctor, text, endpoint)));
    return false;
}

static void tell_unknown(struct doctor *doctor, const struct doctor_place *place)
{
    doctor_report(
        doctor, VERDICT_FAILURE, place->known,
        doctor_text(doctor,
                    IN(doctor,
                       "`hoso key grant TÊN --key '%s' --role admin --registry …`, rồi gửi SIGHUP "
                       "cho %s",
                       "`hoso key grant NAME --key '%s' --role admin --registry …`, then send %s "
                       "SIGHUP"),
                    doctor->settings.keys.public_text, place->service),
        IN(doctor,
           "%s có đúng khóa nhưng không trả lời chúng ta: rất có thể khóa của chúng ta không có "
           "trong sổ đăng ký của dịch vụ, hoặc đã hết hạn",
           "%s has the right key and does not answer us: most likely our key is not in its "
           "registry, or has expired"),
        place->service);
}

static void tell_answer(struct doctor *doctor, const struct doctor_place *place,
                        const struct status_answer *answer)
{
    if (answer->reply != NULL) {
        doctor_report(doctor, VERDICT_OK, place->known, "",
                      IN(doctor, "%s %s trả lời khóa của chúng ta", "%s %s answers our key"),
                      place->service, answer->reply->version);
    } else if (answer->status == HOSO_UNAVAILABLE) {
        tell_unknown(doctor, place);
    } else {
        doctor_report(
            doctor, VERDICT_FAILURE, place->known,
            answer->status == HOSO_DENIED
                ? IN(doctor, "Cần khóa có vai trò admin: `hoso key grant`",
                     "It takes a key with the role admin: `hoso key grant`")
                : IN(doctor, "Xem nhật ký của dịch vụ", "Look at the service's log"),
            IN(doctor, "%s không cho xem tình trạng: %s", "%s does not show its status: %s"),
            place->service, answer->error.text);
    }
}

/* An endpoint that an administrator's configuration should have. */
static void tell_missing(struct doctor *doctor, const struct doctor_place *place)
{
    doctor_report(doctor, VERDICT_WARNING, place->reachable,
                  doctor_text(doctor,
                              IN(doctor, "Thêm %s và %s vào cấu hình",
                                 "Add %s and %s to the "
                                 "configuration"),
                              peer_name(place->peer), place->key_setting),
                  IN(doctor, "cấu hình không nêu %s: không kiểm tra được",
                     "the configuration does not name %s: it cannot be checked"),
                  place->service);
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
        doctor_report(doctor, VERDICT_FAILURE, "client.open", "", "%s", error.text);
        return;
    }
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        const struct doctor_place *place = &places[i];
        if (settings->endpoint[place->peer][0] == '\0') {
            if (place->known != NULL) {
                tell_missing(doctor, place);
            }
            continue;
        }
        const enum bus_probe probe =
            bus_probe(settings->endpoint[place->peer], settings->server_key[place->peer],
                      (int)settings->timeout_ms);
        if (tell_probe(doctor, place, probe) && place->known != NULL) {
            struct status_answer *answer = answer_of(doctor, place->peer);
            status_ask(client, &doctor->arena, answer);
            tell_answer(doctor, place, answer);
        }
    }
    hoso_client_close(client);
}
