// SPDX-License-Identifier: Apache-2.0
//
// What states, channels and so on are called: the words of Thông tư 01/2020/TT-VPCP and Nghị định 107/2021/NĐ-CP where they
// have one. The same as `hoso` prints (common/render/words.c, common/ledger/measure.h); tests/browser/parts.test.mjs compares them.

import { say } from "./language";

type Table = Record<string, [string, string]>;

const WORDS = {
    state: {
        PROCESSING: ["Đang giải quyết", "In process"],
        WAITING_SUPPLEMENT: ["Chờ bổ sung", "Waiting for a supplement"],
        WAITING_PAYMENT: ["Chờ thực hiện nghĩa vụ tài chính", "Waiting for payment"],
        STOPPED: ["Dừng xử lý", "Stopped"],
        AWAITING_RECEPTION: ["Chờ tiếp nhận", "Awaiting reception"],
        RESOLVED: ["Đã giải quyết", "Resolved"],
        RETURNED: ["Đã trả lại", "Returned"],
        WITHDRAWN: ["Công dân rút", "Withdrawn"],
        REFUSED: ["Bị từ chối tiếp nhận", "Refused"],
        PETITION_OPEN: ["PAKN đang xử lý", "Petition, open"],
        PETITION_RESOLVED: ["PAKN đã xử lý", "Petition, resolved"],
        NOTHING: ["Chưa được tính", "Nothing of it counts"],
    } as Table,
    channel: {
        ONLINE: ["Trực tuyến", "Online"],
        DIRECT: ["Trực tiếp", "Direct"],
        POSTAL: ["Bưu chính công ích", "Postal"],
    } as Table,
    level: {
        FULL: ["Toàn trình", "Full"],
        PARTIAL: ["Một phần", "Partial"],
        NONE: ["Không cung cấp trực tuyến", "Not offered online"],
    } as Table,
    tier: {
        NATION: ["Trung ương", "Nation"],
        MINISTRY: ["Bộ, ngành", "Ministry"],
        PROVINCE: ["Cấp tỉnh", "Province"],
        DEPARTMENT: ["Sở, ban, ngành", "Department"],
        DISTRICT: ["Cấp huyện", "District"],
        COMMUNE: ["Cấp xã", "Commune"],
    } as Table,
    finding: {
        ORPHAN: ["Chưa có tiếp nhận", "ORPHAN"],
        IGNORED: ["Không có hiệu lực", "IGNORED"],
        CONFLICTING: ["Trùng mã, khác nội dung", "CONFLICTING"],
        VOID_UNMATCHED: ["Hủy sự kiện không có", "VOID_UNMATCHED"],
        OVER_LIMIT: ["Quá số sự kiện", "OVER_LIMIT"],
        RESULT_IMPLIED: ["Đã trả kết quả nhưng thiếu kết quả giải quyết", "RESULT_IMPLIED"],
        UNIT_NOT_VALID: ["Đơn vị không còn hoặc chưa có hiệu lực vào ngày đó", "UNIT_NOT_VALID"],
    } as Table,
    event: {
        SUBMITTED: ["Nộp trực tuyến", "SUBMITTED"],
        RECEIVED: ["Tiếp nhận", "RECEIVED"],
        REFUSED: ["Từ chối tiếp nhận", "REFUSED"],
        SUPPLEMENT_REQUESTED: ["Yêu cầu bổ sung", "SUPPLEMENT_REQUESTED"],
        SUPPLEMENT_RECEIVED: ["Đã bổ sung", "SUPPLEMENT_RECEIVED"],
        PAYMENT_REQUESTED: ["Yêu cầu nghĩa vụ tài chính", "PAYMENT_REQUESTED"],
        PAYMENT_RECEIVED: ["Đã thực hiện nghĩa vụ tài chính", "PAYMENT_RECEIVED"],
        STOPPED: ["Dừng xử lý", "STOPPED"],
        RESUMED: ["Tiếp tục xử lý", "RESUMED"],
        EXTENDED: ["Gia hạn", "EXTENDED"],
        APOLOGY_SENT: ["Đã xin lỗi", "APOLOGY_SENT"],
        TRANSFERRED: ["Chuyển đơn vị", "TRANSFERRED"],
        COMPONENTS_DIGITISED: ["Số hóa thành phần hồ sơ", "COMPONENTS_DIGITISED"],
        RESULT_DIGITISED: ["Số hóa kết quả", "RESULT_DIGITISED"],
        RESOLVED: ["Có kết quả giải quyết", "RESOLVED"],
        RETURNED: ["Trả lại hồ sơ", "RETURNED"],
        WITHDRAWN: ["Công dân rút hồ sơ", "WITHDRAWN"],
        HANDED_OVER: ["Đã trả kết quả", "HANDED_OVER"],
        VOIDED: ["Hủy sự kiện", "VOIDED"],
        PETITION_RECEIVED: ["Tiếp nhận PAKN", "PETITION_RECEIVED"],
        PETITION_RESOLVED: ["Đã xử lý PAKN", "PETITION_RESOLVED"],
    } as Table,
    effect: {
        EFFECTIVE: ["Có hiệu lực", "effective"],
        VOIDED: ["Đã bị hủy", "voided"],
        ORPHAN: ["Không: chưa có tiếp nhận", "none: no RECEIVED yet"],
        IGNORED: ["Không: không còn tác dụng lúc đó", "none: nothing for it to change then"],
        VOID_UNMATCHED: ["Không: hủy sự kiện không có", "none: voids no event that is there"],
        RESULT_IMPLIED: ["Có, thay cho kết quả còn thiếu", "effective, as the missing RESOLVED, too"],
        UNIT_NOT_VALID: ["Có, nhưng đơn vị không có hiệu lực vào ngày đó", "effective, for a unit not valid that day"],
    } as Table,
    source: {
        SENDING: ["Đang gửi", "sending"],
        SILENT: ["Không gửi nữa", "SILENT"],
        ENDED: ["Đã thôi gửi", "ended"],
        NEVER_SENT: ["Chưa gửi lần nào", "NEVER_SENT"],
        EXPIRED: ["Khóa đã hết hạn", "key EXPIRED"],
        NO_KEY: ["Không có khóa", "no key"],
    } as Table,
    measure: {
        received: ["Tiếp nhận", "Received"],
        out_of_territory: ["Tiếp nhận phi địa giới", "Received from elsewhere"],
        resolved_early: ["Giải quyết trước hạn", "Resolved early"],
        resolved_on_time: ["Giải quyết đúng hạn", "Resolved on time"],
        resolved_late_apology: ["Quá hạn có xin lỗi", "Resolved late, with apology"],
        resolved_late_no_apology: ["Quá hạn không xin lỗi", "Resolved late, without apology"],
        returned: ["Trả lại", "Returned"],
        withdrawn: ["Công dân rút", "Withdrawn"],
        refused: ["Từ chối tiếp nhận", "Refused"],
        handed_over: ["Đã trả kết quả", "Handed over"],
        transferred_in: ["Chuyển đến", "Transferred in"],
        transferred_out: ["Chuyển đi", "Transferred out"],
        components_digitised: ["Số hóa thành phần hồ sơ", "Components digitised"],
        result_digitised: ["Số hóa kết quả", "Results digitised"],
        paid_online: ["Thanh toán trực tuyến", "Paid online"],
        submitted: ["Nộp trực tuyến", "Submitted"],
        petition_received: ["PAKN tiếp nhận", "Petitions received"],
        petition_resolved_on_time: ["PAKN xử lý đúng hạn", "Petitions resolved on time"],
        petition_resolved_late: ["PAKN xử lý quá hạn", "Petitions resolved late"],
        processing_in_time: ["Đang giải quyết trong hạn", "In process, in time"],
        processing_overdue: ["Đang giải quyết quá hạn", "In process, overdue"],
        waiting_supplement: ["Chờ bổ sung", "Waiting for supplement"],
        waiting_payment: ["Chờ nghĩa vụ tài chính", "Waiting for payment"],
        stopped: ["Dừng xử lý", "Stopped"],
        awaiting_reception: ["Chờ tiếp nhận trong hạn", "Awaiting reception, in time"],
        result_waiting: ["Chờ trả kết quả", "Result waiting to be handed over"],
        petition_open_in_time: ["PAKN đang xử lý trong hạn", "Petitions open, in time"],
        petition_open_overdue: ["PAKN đang xử lý quá hạn", "Petitions open, overdue"],
        received_late: ["Tiếp nhận quá hạn", "Received late"],
        awaiting_reception_overdue: ["Chờ tiếp nhận quá hạn", "Awaiting reception, overdue"],
    } as Table,
};

export type WordKind = keyof typeof WORDS;

/** The word for a name of the protocol; a name that the page does not know is shown as it is. */
export function word(kind: WordKind, name: string): string {
    const texts = WORDS[kind][name];
    return texts === undefined ? name : say(texts[0], texts[1]);
}

/** All names of a kind, in the order they are shown. */
export function wordNames(kind: WordKind): string[] {
    return Object.keys(WORDS[kind]);
}
