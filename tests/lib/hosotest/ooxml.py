# SPDX-License-Identifier: Apache-2.0
"""The main rules of the OOXML schemas and of the package format (ECMA-376), for the workbooks and documents that hoso writes: content types,
relationships, the order of elements, references that lead somewhere. Office programs repair or refuse what breaks them; openpyxl does not notice."""
import posixpath
import re
import zipfile
from xml.etree import ElementTree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"

# The children of an element stand in this order (xsd:sequence); what may repeat is not told here.
ORDER = {
    f"{{{S}}}workbook": "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences definedNames calcPr",
    f"{{{S}}}worksheet": "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection autoFilter sortState mergeCells "
                         "conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks "
                         "ignoredErrors drawing legacyDrawing tableParts extLst",
    f"{{{S}}}styleSheet": "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst",
    f"{{{S}}}xf": "alignment protection extLst",
    f"{{{S}}}border": "left right top bottom diagonal vertical horizontal",
    f"{{{S}}}sheetView": "pane selection",
    f"{{{S}}}c": "f v is",
    f"{{{W}}}document": "background body",
    f"{{{W}}}tbl": "tblPr tblGrid tr",
    f"{{{W}}}tr": "tblPrEx trPr tc",
    f"{{{W}}}tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd tblBorders shd "
                     "tblLayout tblCellMar tblLook",
    f"{{{W}}}tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    f"{{{W}}}pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku "
                   "wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing "
                   "mirrorIndents suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr",
    f"{{{W}}}rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish webHidden color "
                   "spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath",
    f"{{{W}}}sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols formProt vAlign "
                      "noEndnote titlePg textDirection bidi rtlGutter docGrid",
}
FIRST = {f"{{{W}}}p": "pPr", f"{{{W}}}r": "rPr", f"{{{W}}}tc": "tcPr"}          # its properties, if it has any, stand first
LAST = {f"{{{W}}}tc": "p", f"{{{W}}}body": "sectPr"}                           # and this stands last
WITHIN = {f"{{{W}}}tr": {"tbl"}, f"{{{W}}}tc": {"tr"}, f"{{{W}}}r": {"p", "hyperlink", "ins", "sdtContent", "smartTag"}}
# A part's content type, by what leads to it.
CONTENT = {"officeDocument": ("wordprocessingml.document.main+xml", "spreadsheetml.sheet.main+xml"), "worksheet": ("spreadsheetml.worksheet+xml",),
           "styles": ("styles+xml",), "sharedStrings": ("sharedStrings+xml",), "theme": ("theme+xml",), "header": ("header+xml",),
           "footer": ("footer+xml",), "core-properties": ("core-properties+xml",), "extended-properties": ("extended-properties+xml",)}


def local(tag):
    return tag.rsplit("}", 1)[-1]


def order_faults(part, root):
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in root.iter():
        names = [local(child.tag) for child in element]
        if element.tag in ORDER:
            order = ORDER[element.tag].split()
            for name in set(names) - set(order):
                yield f"{part}: <{local(element.tag)}> has a <{name}>"
            places = [order.index(name) for name in names if name in order]
            if places != sorted(places):
                yield f"{part}: <{local(element.tag)}> has its elements in the order {names}"
        first, last = FIRST.get(element.tag), LAST.get(element.tag)
        if first in names and (names[0] != first or names.count(first) > 1):
            yield f"{part}: <{local(element.tag)}> has <{first}> behind other elements, or twice"
        if last and (not names or names[-1] != last):
            yield f"{part}: <{local(element.tag)}> does not end with <{last}>"
        if element.tag in WITHIN and local(parents[element].tag) not in WITHIN[element.tag]:
            yield f"{part}: <{local(element.tag)}> stands in <{local(parents[element].tag)}>"


def word_faults(part, root):
    for table in root.iter(f"{{{W}}}tbl"):
        columns = len(table.findall(f"{{{W}}}tblGrid/{{{W}}}gridCol"))
        for row in table.findall(f"{{{W}}}tr"):
            spans = [cell.find(f"{{{W}}}tcPr/{{{W}}}gridSpan") for cell in row.findall(f"{{{W}}}tc")]
            width = sum(int(span.get(f"{{{W}}}val")) if span is not None else 1 for span in spans)
            if width != columns:
                yield f"{part}: a row of {width} cells in a table of {columns} columns"
    for text in root.iter(f"{{{W}}}t"):
        kept = text.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
        if text.text and text.text != text.text.strip() and not kept:
            yield f"{part}: the blanks around {text.text!r} would be lost"


def column_number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def box_of(reference):
    corners = re.findall(r"([A-Z]+)(\d+)", reference)
    return [(int(row), column_number(letters)) for letters, row in (corners[0], corners[-1])]


def sheet_faults(part, root, formats, strings):
    row_before = 0
    for row in root.iter(f"{{{S}}}row"):
        number, column_before = int(row.get("r")), 0
        if number <= row_before:
            yield f"{part}: row {number} behind row {row_before}"
        row_before = number
        for cell in row:
            at, column = box_of(cell.get("r"))[0]
            if at != number or column <= column_before:
                yield f"{part}: cell {cell.get('r')} is out of place"
            column_before = column
            value = cell.find(f"{{{S}}}v")
            if int(cell.get("s", 0)) >= formats:
                yield f"{part}: {cell.get('r')} has a format that is not there"
            if cell.get("t") == "s" and int(value.text) >= strings:
                yield f"{part}: {cell.get('r')} has a text that is not there"
            if cell.get("t", "n") == "n" and value is not None and not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value.text):
                yield f"{part}: {cell.get('r')} holds {value.text!r}, which is no number"
    boxes = [box_of(merged.get("ref")) for merged in root.iter(f"{{{S}}}mergeCell")]
    for i, (top, bottom) in enumerate(boxes):
        for other_top, other_bottom in boxes[:i]:
            apart = (top[0] > other_bottom[0] or other_top[0] > bottom[0] or top[1] > other_bottom[1] or other_top[1] > bottom[1])
            if not apart:
                yield f"{part}: merged cells overlap at row {top[0]}"
    counted = root.find(f"{{{S}}}mergeCells")
    if counted is not None and int(counted.get("count")) != len(boxes):
        yield f"{part}: {len(boxes)} merged cells, {counted.get('count')} by its count"
    before = 0
    for column in root.iter(f"{{{S}}}col"):
        if int(column.get("min")) <= before or int(column.get("max")) < int(column.get("min")):
            yield f"{part}: columns out of order"
        before = int(column.get("max"))


def package_faults(package, parts):
    names = [entry.filename for entry in package.infolist()]
    if len(set(map(str.lower, names))) != len(names):
        yield "a part is there twice"
    if "[Content_Types].xml" not in names:
        yield "there are no content types"
        return
    types = parts["[Content_Types].xml"]
    endings = {entry.get("Extension").lower(): entry.get("ContentType") for entry in types.findall(f"{{{TYPES}}}Default")}
    own = {entry.get("PartName"): entry.get("ContentType") for entry in types.findall(f"{{{TYPES}}}Override")}
    for name in set(own) - {f"/{name}" for name in names}:
        yield f"content types name {name}, which is not there"
    content = {name: own.get(f"/{name}", endings.get(name.rsplit(".", 1)[-1].lower())) for name in names}
    for name, kind in content.items():
        if kind is None and name != "[Content_Types].xml":
            yield f"{name} has no content type"
    reached = set()
    for name in (name for name in names if name.endswith(".rels")):
        folder = posixpath.dirname(posixpath.dirname(name))
        of = posixpath.join(folder, posixpath.basename(name).removesuffix(".rels"))
        if of.strip("/") and of not in names:
            yield f"{name} is of a part that is not there"
        ids = [link.get("Id") for link in parts[name]]
        if len(set(ids)) != len(ids):
            yield f"{name}: an id twice"
        for link in parts[name].findall(f"{{{LINKS}}}Relationship"):
            target = link.get("Target")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            kind = link.get("Type").rsplit("/", 1)[-1]
            if link.get("TargetMode") == "External":
                continue
            reached.add(path)
            if path not in names:
                yield f"{name}: {target} is not there"
            elif kind in CONTENT and not (content[path] or "").endswith(CONTENT[kind]):
                yield f"{path} is a {kind} of the content type {content[path]}"
        if of in parts:
            for element in parts[of].iter():
                for attribute, value in element.attrib.items():
                    if attribute.startswith(f"{{{R}}}") and value not in ids:
                        yield f"{of}: {local(element.tag)} leads to {value}, which {name} does not have"
    for name in names:
        if not name.endswith((".rels", "/")) and name != "[Content_Types].xml" and name not in reached:
            yield f"nothing leads to {name}"


def faults(path):
    """What an office program would have to repair; [] = nothing."""
    with zipfile.ZipFile(path) as package:
        if package.testzip() is not None:
            return [f"{package.testzip()} is damaged"]
        parts = {name: ElementTree.fromstring(package.read(name)) for name in package.namelist() if name.endswith((".xml", ".rels"))}
        found = list(package_faults(package, parts))
    styles, texts = parts.get("xl/styles.xml"), parts.get("xl/sharedStrings.xml")
    formats = len(styles.find(f"{{{S}}}cellXfs")) if styles is not None else 0
    strings = len(texts.findall(f"{{{S}}}si")) if texts is not None else 0
    for name, root in parts.items():
        found += order_faults(name, root)
        if root.tag == f"{{{S}}}worksheet":
            found += sheet_faults(name, root, formats, strings)
        if root.tag.startswith(f"{{{W}}}"):
            found += word_faults(name, root)
    return found
