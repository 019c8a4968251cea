/* SPDX-License-Identifier: Apache-2.0
 *
 * What the services report about themselves: ready or why not, room, what must be zero; and whether
 * they fit together: one version, one journal, one clock.
 */
#include "services/hoso/doctor/doctor_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAP_WARNING_PERCENT = 80,
    MAP_FULL_PERCENT = 90,
    LAG_WARNING = 1000, /* events; what is live is a few */
    SKEW_WARNING_MS = 2000,
    SKEW_FAILURE_MS = 60000
};

#define DISK_WARNING_BYTES (INT64_C(1) << 30)
#define DISK_RESERVE_BYTES (INT64_C(256) << 20)

static const char *check_name(struct doctor *doctor, const struct status_answer *answer,
                              const char *what)
{
    return doctor_text(doctor, "%s.%s", status_service(answer->peer), what);
}

static void check_ready(struct doctor *doctor, const struct status_answer *answer)
{
    const char *check = check_name(doctor, answer, "ready");
    const char *service = status_service(answer->peer);
    if (answer->reply->ready) {
        doctor_report(
            doctor, VERDICT_OK, check, "",
            IN(doctor, "%s sẵn sàng, vị trí %" PRIu64, "%s is ready, at position %" PRIu64),
            service, status_position(answer));
    } else {
        doctor_report(doctor, VERDICT_FAILURE, check,
                      IN(doctor, "Xử lý nguyên nhân đó; đừng khởi động lại một dịch vụ đang chờ",
                         "Mend that; do not restart a service because it waits"),
                      IN(doctor, "%s chưa sẵn sàng: %s", "%s is not ready: %s"), service,
                      answer->reply->reason);
    }
}

static void check_lag(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t lag = status_gauge(answer, "lag_events");
    if (lag > LAG_WARNING) {
        doctor_report(doctor, VERDICT_WARNING, check_name(doctor, answer, "lag"),
                      IN(doctor, "Chạy lại lệnh này: con số phải giảm. Không giảm thì xem nhật ký",
                         "Run this again: the number has to fall. If it does not, look at the log"),
                      IN(doctor, "%s chậm %" PRId64 " sự kiện", "%s is %" PRId64 " events behind"),
                      status_service(answer->peer), lag);
    }
}

static void check_room(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t map = status_gauge(answer, "map_bytes");
    const int64_t used = status_gauge(answer, "used_bytes");
    const int64_t disk = status_gauge(answer, "free_disk_bytes");
    if (map <= 0 || used < 0 || disk < 0) {
        return;
    }
    const int64_t percent = used / (map / 100 + 1);
    const bool full = percent >= MAP_FULL_PERCENT || disk < DISK_RESERVE_BYTES;
    const bool soon = percent >= MAP_WARNING_PERCENT || disk < DISK_WARNING_BYTES;
    const bool sound = !full && !soon;
    doctor_report(
        doctor,
        full   ? VERDICT_FAILURE
        : soon ? VERDICT_WARNING
               : VERDICT_OK,
        check_name(doctor, answer, "room"),
        sound ? ""
              : IN(doctor, "Dọn đĩa, hoặc tăng map_bytes rồi khởi động lại dịch vụ",
                   "Make room on the disk, or raise map_bytes and restart the service"),
        IN(doctor, "%s: đĩa còn trống %" PRId64 " MiB, kho dùng %" PRId64 "%% của map_bytes",
           "%s: %" PRId64 " MiB of disk free, the store takes %" PRId64 "%% of map_bytes"),
        status_service(answer->peer), disk >> 20, percent);
}

/* Numbers that are 0 as long as all is well. */
static void check_zeros(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t violations = status_gauge(answer, "identity_violations");
    const int64_t conflicts = status_gauge(answer, "conflicting_events");
    const int64_t errors = status_gauge(answer, "log_events_error");
    const char *service = status_service(answer->peer);
    if (violations > 0) {
        doctor_report(doctor, VERDICT_FAILURE, check_name(doctor, answer, "identities"),
                      IN(doctor, "Giữ nguyên mọi thứ, chạy `hoso verify`, báo cho nhà phát triển",
                         "Keep everything as it is, run `hoso verify`, report it"),
                      IN(doctor, "%" PRId64 " cân đối của báo cáo không khớp",
                         "%" PRId64 " balances of reports did not hold"),
                      violations);
    } else if (violations == 0) {
        doctor_report(doctor, VERDICT_OK, check_name(doctor, answer, "identities"), "",
                      IN(doctor, "mọi báo cáo đều cân đối", "every report balanced"));
    }
    if (conflicts > 0) {
        doctor_report(
            doctor, VERDICT_WARNING, check_name(doctor, answer, "conflicts"),
            IN(doctor,
               "`hoso quality` liệt kê; phần mềm một cửa dùng lại mã sự kiện, hoặc ghi thời "
               "điểm kết xuất vào chỗ thời điểm còn trống",
               "`hoso quality` lists them; a counter uses event ids again, or writes the "
               "time of export where a time is missing"),
            IN(doctor, "%" PRId64 " sự kiện trùng mã nhưng khác nội dung",
               "%" PRId64 " events came with an id that was taken by another content"),
            conflicts);
    }
    if (errors > 0) {
        doctor_report(doctor, VERDICT_WARNING, check_name(doctor, answer, "log"),
                      IN(doctor,
                         "Tìm \"level\":\"error\" trong nhật ký; docs/log-messages.md giải thích",
                         "Find \"level\":\"error\" in the log; docs/log-messages.md explains each"),
                      IN(doctor, "%s đã ghi %" PRId64 " lỗi từ khi khởi động",
                         "%s logged %" PRId64 " errors since it started"),
                      service, errors);
    }
}

/* Its clock against ours, less what the answer's way may explain. */
static void check_clock(struct doctor *doctor, const struct status_answer *answer)
{
    const int64_t now = answer->reply->now_ms;
    const int64_t skew = now < answer->asked_ms      ? now - answer->asked_ms
                         : now > answer->answered_ms ? now - answer->answered_ms
                                                     : 0;
    const int64_t off = skew < 0 ? -skew : skew;
    doctor_report(doctor,
                  off >= SKEW_FAILURE_MS   ? VERDICT_FAILURE
                  : off >= SKEW_WARNING_MS ? VERDICT_WARNING
                                           : VERDICT_OK,
                  check_name(doctor, answer, "clock"),
                  off >= SKEW_WARNING_MS
                      ? IN(doctor, "Bật đồng bộ giờ (chrony, systemd-timesyncd) trên cả hai máy",
                           "Keep both machines' time with chrony or systemd-timesyncd")
                      : "",
                  IN(doctor, "đồng hồ của %s lệch với máy này %" PRId64 " ms",
                     "the clock of %s is off from this machine's by %" PRId64 " ms"),
                  status_service(answer->peer), skew);
}

static void check_version(struct doctor *doctor, const struct status_answer *answer)
{
    const bool same = strcmp(answer->reply->version, hoso_version()) == 0;
    doctor_report(doctor, same ? VERDICT_OK : VERDICT_WARNING,
                  check_name(doctor, answer, "version"),
                  same ? ""
                       : IN(doctor, "Nâng cấp cho cùng phiên bản: docs/operations.md",
                            "Bring all to one version: docs/operations.md"),
                  same ? IN(doctor, "%s có phiên bản %s", "%s has version %s")
                       : IN(doctor, "%s có phiên bản %s, khác với lệnh này (%s)",
                            "%s has version %s, this command %s"),
                  status_service(answer->peer), answer->reply->version, hoso_version());
}

/* All count one journal. A service at position 0 has none yet. */
static void check_journal(struct doctor *doctor)
{
    const struct status_answer *intake = &doctor->answers[0];
    for (unsigned i = 1; i < STATUS_PEERS; i++) {
        const struct status_answer *answer = &doctor->answers[i];
        if (intake->reply != NULL && intake->reply->cut != NULL && answer->reply != NULL &&
            status_position(answer) != 0 &&
            answer->reply->cut->incarnation != intake->reply->cut->incarnation) {
            doctor_report(doctor, VERDICT_FAILURE, check_name(doctor, answer, "journal"),
                          IN(doctor, "Dừng dịch vụ, xóa kho của nó, khởi động: nó đếm lại từ đầu",
                             "Stop it, empty its store, start it: it counts anew"),
                          IN(doctor, "%s đang đếm một nhật ký khác với nhật ký của intake",
                             "%s counts another journal than intake's"),
                          status_service(answer->peer));
        }
    }
}

void doctor_services(struct doctor *doctor)
{
    for (unsigned i = 0; i < STATUS_PEERS; i++) {
        const struct status_answer *answer = &doctor->answers[i];
        if (answer->reply != NULL) {
            check_version(doctor, answer);
            check_ready(doctor, answer);
            check_lag(doctor, answer);
            check_room(doctor, answer);
            check_zeros(doctor, answer);
            check_clock(doctor, answer);
        }
    }
    check_journal(doctor);
}
