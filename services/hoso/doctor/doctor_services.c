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

/* Of a service: its name is {1}, then what stands before each; what stays without `sound` is only
 * found if it is wrong. */
static const struct doctor_sentences version = {
    .sound = {"{1} có phiên bản {2}", "{1} has version {2}"},
    .wrong = {"{1} có phiên bản {2}, khác với lệnh này ({3})",
              "{1} has version {2}, this command {3}"},
    .fix = {"Nâng cấp cho cùng phiên bản: docs/operations.md",
            "Bring all to one version: docs/operations.md"},
};
/* position, or the reason */
static const struct doctor_sentences ready = {
    .sound = {"{1} sẵn sàng, vị trí {2}", "{1} is ready, at position {2}"},
    .wrong = {"{1} chưa sẵn sàng: {2}", "{1} is not ready: {2}"},
    .fix = {"Xử lý nguyên nhân đó; đừng khởi động lại một dịch vụ đang chờ",
            "Mend that; do not restart a service because it waits"},
};
/* how many */
static const struct doctor_sentences lag = {
    .wrong = {"{1} chậm {2} sự kiện", "{1} is {2} events behind"},
    .fix = {"Chạy lại lệnh này: con số phải giảm. Không giảm thì xem nhật ký",
            "Run this again: the number has to fall. If it does not, look at the log"},
};
static const struct doctor_sentences balances = {
    .sound = {"mọi báo cáo đều cân đối", "every report balanced"},
    .wrong = {"{2} cân đối của báo cáo không khớp", "{2} balances of reports did not hold"},
    .fix = {"Giữ nguyên mọi thứ, chạy `hoso verify`, báo cho nhà phát triển",
            "Keep everything as it is, run `hoso verify`, report it"},
};
static const struct doctor_sentences conflicts = {
    .wrong = {"{2} sự kiện trùng mã nhưng khác nội dung",
              "{2} events came with an id that was taken by another content"},
    .fix = {"`hoso quality` liệt kê; phần mềm một cửa dùng lại mã sự kiện, hoặc ghi thời điểm kết "
            "xuất vào chỗ thời điểm còn trống",
            "`hoso quality` lists them; a counter uses event ids again, or writes the time of "
            "export where a time is missing"},
};
static const struct doctor_sentences logged_errors = {
    .wrong = {"{1} đã ghi {2} lỗi từ khi khởi động", "{1} logged {2} errors since it started"},
    .fix = {"Tìm \"level\":\"error\" trong nhật ký; docs/log-messages.md giải thích",
            "Find \"level\":\"error\" in the log; docs/log-messages.md explains each"},
};
/* MiB of disk, percent of the map */
static const struct doctor_sentences room = {
    .sound = {"{1}: đĩa còn trống {2} MiB, kho dùng {3}% của map_bytes",
              "{1}: {2} MiB of disk free, the store takes {3}% of map_bytes"},
    .fix = {"Dọn đĩa, hoặc tăng map_bytes rồi khởi động lại dịch vụ",
            "Make room on the disk, or raise map_bytes and restart the service"},
};
/* milliseconds */
static const struct doctor_sentences time_shown = {
    .sound = {"đồng hồ của {1} lệch với máy này {2} ms",
              "the clock of {1} is off from this machine's by {2} ms"},
    .fix = {"Bật đồng bộ giờ (chrony, systemd-timesyncd) trên cả hai máy",
            "Keep both machines' time with chrony or systemd-timesyncd"},
};
static const struct doctor_sentences same_journal = {
    .wrong = {"{1} đang đếm một nhật ký khác với nhật ký của intake",
              "{1} counts another journal than intake's"},
    .fix = {"Dừng dịch vụ, xóa kho của nó, khởi động: nó đếm lại từ đầu",
            "Stop it, empty its store, start it: it counts anew"},
};

static const char *check_name(struct doctor *doctor, const struct status_answer *answer,
                              const char *what)
{
    return doctor_text(doctor, "%s.%s", status_service(answer->peer), what);
}

static const char *number(struct doctor *doctor, int64_t value)
{
    return doctor_text(doctor, "%" PRId64, value);
}

static void check_version(struct doctor *doctor, const struct status_answer *answer)
{
    const bool same = strcmp(answer->reply->version, hoso_version()) == 0;
    doctor_report(doctor, same ? VERDICT_OK : VERDICT_WARNING,
                  check_name(doctor, answer, "version"), &version, status_service(answer->peer),
                  answer->reply->version, hoso_version());
}

static void check_ready(struct doctor *doctor, const struct status_answer *answer)
{
    const bool good = answer->reply->ready;
    doctor_report(doctor, doctor_verdict(good), check_name(doctor, answer, "ready"), &ready,
                  status_service(answer->peer),
                  good ? doctor_text(doctor, "%" PRIu64, status_position(answer))
                       : answer->reply->reason);
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
    enum verdict verdict = VERDICT_OK;
    if (percent >= MAP_FULL_PERCENT || disk < DISK_RESERVE_BYTES) {
        verdict = VERDICT_FAILURE;
    } else if (percent >= MAP_WARNING_PERCENT || disk < DISK_WARNING_BYTES) {
        verdict = VERDICT_WARNING;
    }
    doctor_report(doctor, verdict, check_name(doctor, answer, "room"), &room,
                  status_service(answer->peer), number(doctor, disk >> 20),
                  number(doctor, percent));
}

/* Gauges that stay low as long as all is well; a service that has not the gauge gives −1. */
static void check_gauges(struct doctor *doctor, const struct status_answer *answer)
{
    static const struct {
        const char *gauge;
        int64_t most;
        const char *check;
        enum verdict verdict;
        const struct doctor_sentences *sentences;
    } rows[] = {
        {"lag_events", LAG_WARNING, "lag", VERDICT_WARNING, &lag},
        {"identity_violations", 0, "identities", VERDICT_FAILURE, &balances},
        {"conflicting_events", 0, "conflicts", VERDICT_WARNING, &conflicts},
        {"log_events_error", 0, "log", VERDICT_WARNING, &logged_errors},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int64_t value = status_gauge(answer, rows[i].gauge);
        const bool wrong = value > rows[i].most;
        if (wrong || (value >= 0 && rows[i].sentences->sound[0] != NULL)) {
            doctor_report(doctor, wrong ? rows[i].verdict : VERDICT_OK,
                          check_name(doctor, answer, rows[i].check), rows[i].sentences,
                          status_service(answer->peer), number(doctor, value));
        }
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
                  check_name(doctor, answer, "clock"), &time_shown, status_service(answer->peer),
                  number(doctor, skew));
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
                          &same_journal, status_service(answer->peer));
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
            check_room(doctor, answer);
            check_gauges(doctor, answer);
            check_clock(doctor, answer);
        }
    }
    check_journal(doctor);
}
