/* SPDX-License-Identifier: Apache-2.0
 *
 * hoso: publish dossier events, read their counts. One row for each command; each is one file.
 */
#include "services/hoso/command.h"
#include "services/hoso/language.h"

static const struct command_entry commands[] = {
    {"publish", cmd_publish, "send events to intake / gửi sự kiện hồ sơ"},
    {"report", cmd_report, "print a form / in biểu báo cáo"},
    {"form", cmd_form, "list or show forms, check a form's file / danh mục, nội dung biểu"},
    {"forms", cmd_forms, "list the forms / danh mục biểu"},
    {"unit", cmd_unit, "move the open dossiers of a unit that was split / chia tách đơn vị"},
    {"units", cmd_units, "list units in printing order / danh mục đơn vị"},
    {"catalogue", cmd_catalogue, "import or show units and procedures / danh mục đơn vị, thủ tục"},
    {"config", cmd_config, "the settings in force, a sample / cấu hình"},
    {"dossiers", cmd_dossiers, "the dossiers behind a figure / hồ sơ tạo nên một con số"},
    {"dossier", cmd_dossier, "the life of one dossier / quá trình của một hồ sơ"},
    {"overdue", cmd_overdue, "what is overdue, due soon or waiting / hồ sơ quá hạn, sắp đến hạn"},
    {"quality", cmd_quality, "what does not count, and why / chất lượng dữ liệu"},
    {"sources", cmd_sources, "whose events come in, and whose do not / nguồn dữ liệu"},
    {"period", cmd_period, "close periods, list the closes / chốt số liệu"},
    {"status", cmd_status, "how far each service is / tình trạng dịch vụ"},
    {"doctor", cmd_doctor, "what is wrong and what to do / chẩn đoán hệ thống"},
    {"verify", cmd_verify, "count the journal anew and compare / đối chiếu sổ cái"},
    {"backup", cmd_backup, "copy the journal, hot / sao lưu nhật ký"},
    {"restore", cmd_restore, "make a journal of a backup / phục hồi từ bản sao lưu"},
    {"key", cmd_key, "make keys, grant and revoke rights / khóa và quyền"},
    {"watch", cmd_watch, "live totals / số liệu thời gian thực"},
    {"feed", cmd_feed, "check a feed of live totals / kiểm tra nguồn số liệu thời gian thực"},
    {"simulate", cmd_simulate, "write events for demos and benches / sinh dữ liệu mẫu"},
    {NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    struct command command = {.lang = NULL};
    int first;
    language_begin(&command, argc, argv);
    const int code = command_parse_front(&command, argc, argv, commands, &first);
    return code == OPTIONS_PARSED
               ? command_run(&command, argc - first + 1, argv + first - 1, commands, NULL)
               : code;
}
