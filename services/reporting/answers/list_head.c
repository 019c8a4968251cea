/* SPDX-License-Identifier: Apache-2.0
 *
 * The title of a cell's list ends with the column's captions, of a form made of section lines with
 * the line's; what else makes the cell is in the notes.
 */
#include "services/reporting/answers/list_head.h"

#include "base/localday.h"

enum { HEAD_NOTES_MAX = 6 };

static char *copy(struct request *request, const char *text)
{
    return arena_string(request->arena, slice_text(text));
}

static char *day_text(struct request *request, int32_t day, bool paper)
{
    const struct date date = localday_date(day);
    char text[DATE_TEXT_SIZE];
    localday_format(day, text);
    return paper ? arena_printf(request->arena, "%02d/%02d/%d", date.day, date.month, date.year)
                 : copy(request, text);
}

static Hoso__V1__ListHead *new_head(struct request *request, const char *unit, int32_t from_day,
                                    int32_t last_day)
{
    Hoso__V1__ListHead *head = arena_alloc(request->arena, sizeof *head);
    Hoso__V1__Period *period = arena_alloc(request->arena, sizeof *period);
    if (head == NULL || period == NULL) {
        return NULL;
    }
    hoso__v1__list_head__init(head);
    hoso__v1__period__init(period);
    period->from = day_text(request, from_day, false);
    period->to = day_text(request, last_day, false);
    head->period = period;
    head->unit = copy(request, unit);
    head->notes = arena_array(request->arena, HEAD_NOTES_MAX, sizeof(char *));
    const struct catalogue *catalogue = request->view->catalogue;
    const struct slice id = slice_text(unit);
    const struct unit *row = catalogue_unit(catalogue, id, last_day);
    row = row != NULL ? row : catalogue_unit_before(catalogue, id, last_day);
    if (row != NULL) {
        head->unit_name = arena_string(request->arena, row->name);
    }
    return head->notes != NULL ? head : NULL;
}

/* NULL = arena full, which is found in the end. */
static void add_note(Hoso__V1__ListHead *head, char *note)
{
    if (note != NULL) {
        head->notes[head->n_notes++] = note;
    }
}

static Hoso__V1__ListHead *finish(struct request *request, Hoso__V1__ListHead *head, int32_t day,
                                  bool english)
{
    char *paper = day_text(request, day, !english);
    add_note(head, arena_printf(request->arena,
                                english ? "In the order of units, then by due day, then by code. "
                                          "Where a dossier stands, and its days, are as of the end "
                                          "of %s."
                                        : "Xếp theo đơn vị, rồi theo ngày hẹn trả, rồi theo mã hồ "
                                          "sơ. Tình trạng và số ngày tính đến hết ngày %s.",
                                paper != NULL ? paper : ""));
    return request->arena->exceeded || head->title == NULL ? NULL : head;
}

/* "Đang giải quyết – Quá hạn" */
static const char *captions_text(struct request *request, const struct form_figure *figure,
                                 bool english)
{
    const char *text = figure->captions.count == 0 ? text_in(figure->label, english) : "";
    for (unsigned i = 0; i < figure->captions.count && text != NULL; i++) {
        text = arena_printf(request->arena, "%s%s%s", text, i > 0 ? " – " : "",
                            text_in(figure->captions.texts[i], english));
    }
    return text != NULL ? text : "";
}

static void add_filter(struct request *request, Hoso__V1__ListHead *head, const char *what,
                       const char *id, const struct slice *name)
{
    if (id[0] != '\0') {
        add_note(head, name != NULL ? arena_printf(request->arena, "%s: %.*s (%s)", what,
                                                   SLICE_ARG(*name), id)
                                    : arena_printf(request->arena, "%s: %s", what, id));
    }
}

static void add_close(struct request *request, Hoso__V1__ListHead *head,
                      const struct ledger_close *close, bool english)
{
    const bool restated = request->body->list_dossiers->restated;
    static const char *const texts[2][2] = {
        {"Như số liệu đã chốt lần %u.", "As close %u left it."},
        {"Hồ sơ làm thay đổi số liệu sau lần chốt %u; cột Số là phần chênh lệch.",
         "The dossiers that changed the figure after close %u; Amount is the difference."}};
    add_note(head, arena_printf(request->arena, texts[restated][english], close->number));
}

Hoso__V1__ListHead *list_head_of_cell(struct request *request, const struct report_scope *scope,
                                      const struct engine_cell *cell,
                                      const struct ledger_close *close)
{
    const Hoso__V1__ListDossiersRequest *list = request->body->list_dossiers;
    const struct catalogue *catalogue = request->view->catalogue;
    const struct form *form = scope->form;
    const int32_t last_day = scope->question.to_day - 1;
    bool english;
    if (!request_lang(request, list->lang, &english)) {
        return NULL;
    }
    Hoso__V1__ListHead *head = new_head(request, list->unit, scope->question.from_day, last_day);
    if (head == NULL) {
        return NULL;
    }
    const struct form_figure *figure = cell->figure;
    const char *number = figure->number;
    const struct field *field = catalogue_field(catalogue, slice_text(list->field));
    const struct procedure *procedure = catalogue_procedure(catalogue, slice_text(list->procedure));
    head->title =
        arena_printf(request->arena, english ? "LIST OF DOSSIERS: %s" : "DANH SÁCH HỒ SƠ: %s",
                     captions_text(request, figure, english));
    add_note(head,
             arena_printf(request->arena, english ? "%s %s of form %s, %s" : "%s %s, biểu %s, %s",
                          form->rows == ROWS_LINES ? (english ? "Line" : "Dòng")
                                                   : (english ? "Column" : "Cột"),
                          number[0] != '\0' ? number : figure->id, form->id,
                          text_in(form->title, english)));
    add_filter(request, head, english ? "Field" : "Lĩnh vực", list->field,
               field != NULL ? &field->name : NULL);
    add_filter(request, head, english ? "Procedure" : "Thủ tục", list->procedure,
               procedure != NULL ? &procedure->name : NULL);
    if (close != NULL) {
        add_close(request, head, close, english);
    }
    return finish(request, head, last_day, english);
}

static char *open_title(struct request *request, bool english)
{
    const Hoso__V1__ListOpenRequest *list = request->body->list_open;
    static const char *const states[][2] = {
        [HOSO__V1__OPEN_STATE__OPEN_STATE_PROCESSING] = {"ĐANG GIẢI QUYẾT", "IN PROCESS"},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_WAITING_SUPPLEMENT] = {"CHỜ BỔ SUNG",
                                                                 "WAITING FOR A SUPPLEMENT"},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_WAITING_PAYMENT] = {"CHỜ THỰC HIỆN NGHĨA VỤ TÀI CHÍNH",
                                                              "WAITING FOR PAYMENT"},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_STOPPED] = {"DỪNG XỬ LÝ", "STOPPED"},
        [HOSO__V1__OPEN_STATE__OPEN_STATE_AWAITING_RECEPTION] = {"CHỜ TIẾP NHẬN",
                                                                 "AWAITING RECEPTION"},
    };
    const Hoso__V1__OpenState state =
        list->state != 0 ? list->state : HOSO__V1__OPEN_STATE__OPEN_STATE_PROCESSING;
    const bool processing = state == HOSO__V1__OPEN_STATE__OPEN_STATE_PROCESSING;
    if (processing && !list->all) {
        return list->days == 0
                   ? copy(request, english ? "LIST OF OVERDUE DOSSIERS" : "DANH SÁCH HỒ SƠ QUÁ HẠN")
               : list->days == 1
                   ? copy(request, english ? "LIST OF DOSSIERS OVERDUE OR DUE ON THE DAY"
                                           : "DANH SÁCH HỒ SƠ QUÁ HẠN VÀ ĐẾN HẠN TRONG NGÀY")
                   : arena_printf(request->arena,
                                  english ? "LIST OF DOSSIERS OVERDUE OR DUE WITHIN %u DAYS"
                                          : "DANH SÁCH HỒ SƠ QUÁ HẠN VÀ ĐẾN HẠN TRONG %u NGÀY TỚI",
                                  list->days - 1);
    }
    return arena_printf(request->arena, english ? "LIST OF DOSSIERS %s" : "DANH SÁCH HỒ SƠ %s",
                        states[state][english]);
}

Hoso__V1__ListHead *list_head_of_open(struct request *request, int32_t day)
{
    const Hoso__V1__ListOpenRequest *list = request->body->list_open;
    bool english;
    if (!request_lang(request, list->lang, &english)) {
        return NULL;
    }
    Hoso__V1__ListHead *head = new_head(request, list->unit, day, day);
    if (head == NULL) {
        return NULL;
    }
    head->title = open_title(request, english);
    if (list->unit[0] == '\0') {
        head->unit_name =
            copy(request, english ? "All units that may be seen" : "Các đơn vị được xem");
    }
    return finish(request, head, day, english);
}

enum outcome list_empty(struct request *request, Hoso__V1__ListHead *head, int32_t day)
{
    Hoso__V1__DossierPage *page = arena_alloc(request->arena, sizeof *page);
    if (page == NULL) {
        return request_fail(request, STATUS_TOO_LARGE);
    }
    hoso__v1__dossier_page__init(page);
    page->cut = request_cut(request);
    page->at = day_text(request, day, false);
    page->head = head;
    request->reply->body_case = HOSO__V1__REPORTING_REPLY__BODY_DOSSIERS;
    request->reply->dossiers = page;
    return request->arena->exceeded ? request_fail(request, STATUS_TOO_LARGE) : REQUEST_ANSWERED;
}
