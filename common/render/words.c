/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of Thông tư 01/2020/TT-VPCP and Nghị định 107/2021/NĐ-CP where they have one.
 */
#include "render/words.h"

#include <string.h>

#include "client/client.h"

struct word {
    const char *name;
    const char *text[2]; /* Vietnamese, English */
};

static const struct word states[] = {
    {"PROCESSING", {"Đang giải quyết", "In process"}},
    {"WAITING_SUPPLEMENT", {"Chờ bổ sung", "Waiting for a supplement"}},
    {"WAITING_PAYMENT", {"Chờ thực hiện nghĩa vụ tài chính", "Waiting for payment"}},
    {"STOPPED", {"Dừng xử lý", "Stopped"}},
    {"AWAITING_RECEPTION", {"Chờ tiếp nhận", "Awaiting reception"}},
    {"RESOLVED", {"Đã giải quyết", "Resolved"}},
    {"RETURNED", {"Đã trả lại", "Returned"}},
    {"WITHDRAWN", {"Công dân rút", "Withdrawn"}},
    {"REFUSED", {"Bị từ chối tiếp nhận", "Refused"}},
    {"PETITION_OPEN", {"PAKN đang xử lý", "Petition, open"}},
    {"PETITION_RESOLVED", {"PAKN đã xử lý", "Petition, resolved"}},
    {"NOTHING", {"Chưa được tính", "Nothing of it counts"}},
    {NULL, {NULL, NULL}},
};
static const struct word channels[] = {
    {"ONLINE", {"Trực tuyến", "Online"}},
    {"DIRECT", {"Trực tiếp", "Direct"}},
    {"POSTAL", {"Bưu chính công ích", "Postal"}},
    {NULL, {NULL, NULL}},
};
static const struct word levels[] = {
    {"FULL", {"Toàn trình", "Full"}},
    {"PARTIAL", {"Một phần", "Partial"}},
    {"NONE", {"Không cung cấp trực tuyến", "Not offered online"}},
    {NULL, {NULL, NULL}},
};
static const struct word tiers[] = {
    {"NATION", {"Trung ương", "Nation"}},
    {"MINISTRY", {"Bộ, ngành", "Ministry"}},
    {"PROVINCE", {"Cấp tỉnh", "Province"}},
    {"DEPARTMENT", {"Sở, ban, ngành", "Department"}},
    {"DISTRICT", {"Cấp huyện", "District"}},
    {"COMMUNE", {"Cấp xã", "Commune"}},
    {NULL, {NULL, NULL}},
};
static const struct word findings[] = {
    {"ORPHAN", {"Chưa có tiếp nhận", "ORPHAN"}},
    {"IGNORED", {"Không có hiệu lực", "IGNORED"}},
    {"CONFLICTING", {"Trùng mã, khác nội dung", "CONFLICTING"}},
    {"VOID_UNMATCHED", {"Hủy sự kiện không có", "VOID_UNMATCHED"}},
    {"OVER_LIMIT", {"Quá số sự kiện", "OVER_LIMIT"}},
    {"RESULT_IMPLIED", {"Đã trả kết quả nhưng thiếu kết quả giải quyết", "RESULT_IMPLIED"}},
    {"UNIT_NOT_VALID", {"Đơn vị không còn hoặc chưa có hiệu lực vào ngày đó", "UNIT_NOT_VALID"}},
    {NULL, {NULL, NULL}},
};
static const struct word events[] = {
    {"SUBMITTED", {"Nộp trực tuyến", "SUBMITTED"}},
    {"RECEIVED", {"Tiếp nhận", "RECEIVED"}},
    {"REFUSED", {"Từ chối tiếp nhận", "REFUSED"}},
    {"SUPPLEMENT_REQUESTED", {"Yêu cầu bổ sung", "SUPPLEMENT_REQUESTED"}},
    {"SUPPLEMENT_RECEIVED", {"Đã bổ sung", "SUPPLEMENT_RECEIVED"}},
    {"PAYMENT_REQUESTED", {"Yêu cầu nghĩa vụ tài chính", "PAYMENT_REQUESTED"}},
    {"PAYMENT_RECEIVED", {"Đã thực hiện nghĩa vụ tài chính", "PAYMENT_RECEIVED"}},
    {"STOPPED", {"Dừng xử lý", "STOPPED"}},
    {"RESUMED", {"Tiếp tục xử lý", "RESUMED"}},
    {"EXTENDED", {"Gia hạn", "EXTENDED"}},
    {"APOLOGY_SENT", {"Đã xin lỗi", "APOLOGY_SENT"}},
    {"TRANSFERRED", {"Chuyển đơn vị", "TRANSFERRED"}},
    {"COMPONENTS_DIGITISED", {"Số hóa thành phần hồ sơ", "COMPONENTS_DIGITISED"}},
    {"RESULT_DIGITISED", {"Số hóa kết quả", "RESULT_DIGITISED"}},
    {"RESOLVED", {"Có kết quả giải quyết", "RESOLVED"}},
    {"RETURNED", {"Trả lại hồ sơ", "RETURNED"}},
    {"WITHDRAWN", {"Công dân rút hồ sơ", "WITHDRAWN"}},
    {"HANDED_OVER", {"Đã trả kết quả", "HANDED_OVER"}},
    {"VOIDED", {"Hủy sự kiện", "VOIDED"}},
    {"PETITION_RECEIVED", {"Tiếp nhận PAKN", "PETITION_RECEIVED"}},
    {"PETITION_RESOLVED", {"Đã xử lý PAKN", "PETITION_RESOLVED"}},
    {NULL, {NULL, NULL}},
};

static const struct word effects[] = {
    {"EFFECTIVE", {"Có hiệu lực", "effective"}},
    {"VOIDED", {"Đã bị hủy", "voided"}},
    {"ORPHAN", {"Không: chưa có tiếp nhận", "none: no RECEIVED yet"}},
    {"IGNORED", {"Không: không còn tác dụng lúc đó", "none: nothing for it to change then"}},
    {"VOID_UNMATCHED", {"Không: hủy sự kiện không có", "none: voids no event that is there"}},
    {"RESULT_IMPLIED",
     {"Có, thay cho kết quả còn thiếu", "effective, as the missing RESOLVED, too"}},
    {"UNIT_NOT_VALID",
     {"Có, nhưng đơn vị không có hiệu lực vào ngày đó",
      "effective, for a unit not valid that day"}},
    {NULL, {NULL, NULL}},
};
static const struct word petitions[] = {
    {"ADMINISTRATIVE", {"Hành chính", "Administrative"}},
    {"BUSINESS", {"Kinh doanh", "Business"}},
    {NULL, {NULL, NULL}},
};
static const struct word sources[] = {
    {"SENDING", {"Đang gửi", "sending"}},
    {"SILENT", {"Không gửi nữa", "SILENT"}},
    {"ENDED", {"Đã thôi gửi", "ended"}},
    {"NEVER_SENT", {"Chưa gửi lần nào", "NEVER_SENT"}},
    {"EXPIRED", {"Khóa đã hết hạn", "key EXPIRED"}},
    {"NO_KEY", {"Không có khóa", "no key"}},
    {NULL, {NULL, NULL}},
};

const char *words_of(const struct list_reader *reader, enum words words, const char *name)
{
    static const struct word *const tables[] = {
        [WORDS_STATE] = states,   [WORDS_CHANNEL] = channels, [WORDS_LEVEL] = levels,
        [WORDS_TIER] = tiers,     [WORDS_FINDING] = findings, [WORDS_EVENT] = events,
        [WORDS_SOURCE] = sources, [WORDS_EFFECT] = effects,   [WORDS_PETITION] = petitions,
    };
    for (const struct word *word = tables[words];
         reader->format != RENDER_JSON && word->name != NULL; word++) {
        if (strcmp(word->name, name) == 0) {
            return word->text[reader->english];
        }
    }
    return name;
}

const char *words_date(const struct list_reader *reader, void *result, const char *date)
{
    const size_t size = date != NULL ? strlen(date) : 0; /* NULL = out of memory */
    const bool timed = size > strlen("2024-02-19T09:30") && date[10] == 'T';
    if (reader->english || reader->format == RENDER_JSON || (size != 10 && !timed)) {
        return date;
    }
    const char *text =
        arena_printf(result_arena(result), "%.*s%s%.2s/%.2s/%.4s", timed ? 5 : 0,
                     timed ? date + 11 : "", timed ? " " : "", date + 8, date + 5, date);
    return text != NULL ? text : date;
}
