"""Check a credential: a person pastes, drops or uploads a description and mends it while typing."""

import json
import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page

from mastery_graph.pipeline.build import BuildReport
from tests.browser.conftest import SCRIPTED, WEB, Open
from tests.store import servers

EXAMPLE = WEB / "static" / "example.jsonld"


def sent(page: Page) -> str:
    """The document that the form sends."""
    return str(page.evaluate("new FormData(document.querySelector('form[data-live]')).get('document')"))


def pasted(page: Page, text: str) -> None:
    page.get_by_label("Description").fill(text)


@pytest.mark.usefixtures("scripts")
def test_a_pasted_description_is_checked_without_pressing_anything(page_at: Open) -> None:
    page = page_at("/check")
    pasted(page, EXAMPLE.read_text(encoding="utf-8"))
    page.get_by_role("heading", name="The description does not conform").wait_for()
    assert page.locator(".findings").inner_text().count("The level is missing") == 1
    assert page.get_by_role("img", name="Complete to").count() == 1


@pytest.mark.usefixtures("scripts")
def test_a_fault_goes_when_it_is_mended(page_at: Open) -> None:
    page = page_at("/check?example=true")
    assert "The level is missing" in page.locator(".findings").inner_text()
    text = page.get_by_label("Description").input_value()
    level = '"eqfLevel": {"id": "http://data.europa.eu/snb/eqf/5", "type": "Concept"}, "volumeOfLearning"'
    pasted(page, text.replace('"volumeOfLearning"', level, 1))
    page.locator(".findings", has_not_text="The level is missing").wait_for()


@pytest.mark.usefixtures("scripts")
def test_a_finding_leads_to_its_place_in_the_document(page_at: Open) -> None:
    page = page_at("/check?example=true")
    finding = page.locator(".findings li[data-line]", has_text="The level is missing")
    finding.locator("a[data-go]").press("Enter")
    field = page.get_by_label("Description")
    assert field.evaluate("field => field === document.activeElement")
    start, end = field.evaluate("field => [field.selectionStart, field.selectionEnd]")
    assert start == end == int(finding.get_attribute("data-start") or "") + 1
    assert page.locator(".gutter .violation").count() >= 1
    assert page.locator(".gutter .current").inner_text() == finding.get_attribute("data-line")


@pytest.mark.usefixtures("scripts")
def test_the_next_paste_deletes_nothing(page_at: Open) -> None:
    page = page_at("/check?example=true")
    findings = page.locator(".findings a[data-go]").count()
    assert findings > 0
    for finding in range(findings):
        page.locator(".findings a[data-go]").nth(finding).click()
        field = page.get_by_label("Description")
        gone = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
        assert gone in {"", '"P60M"'}


@pytest.mark.usefixtures("scripts")
def test_an_example_is_inserted_at_its_place_and_mends_the_fault(page_at: Open) -> None:
    page = page_at("/check?example=true")
    for message in ("The level is missing", "The workload P60M is not stated in hours"):
        finding = page.locator(".findings li", has_text=message)
        finding.get_by_role("button", name="Insert").press("Enter")
        page.locator(".findings", has_not_text=message).wait_for()
    document = json.loads(page.get_by_label("Description").input_value())
    achievement = document["credentialSubject"]["hasClaim"][0]["specifiedBy"]
    assert achievement["eqfLevel"]["id"] == "http://data.europa.eu/snb/eqf/5"
    assert achievement["volumeOfLearning"] == "PT60H"
    assert document["issuer"]["legalName"] == {"en": "Example Training Centre"}
    page.get_by_label("Description").press("Control+z")
    page.locator(".findings", has_text="The workload P60M is not stated in hours").wait_for()


@pytest.mark.usefixtures("scripts")
def test_an_example_never_doubles_what_is_there(page_at: Open) -> None:
    page = page_at("/check?example=true")
    field = page.get_by_label("Description")
    pasted(page, field.input_value().replace('"volumeOfLearning"', '"provenBy": [], "volumeOfLearning"'))
    finding = page.locator(".findings li", has_text="How the learning outcomes were assessed is not stated")
    page.locator(".findings").wait_for()
    before = field.input_value()
    finding.get_by_role("button", name="Insert").click()
    assert field.input_value() == before


@pytest.mark.usefixtures("scripts")
def test_an_example_is_copied(page_at: Open) -> None:
    page = page_at("/check?example=true")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    finding = page.locator(".findings li", has_text="The level is missing")
    finding.get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == finding.locator("pre").inner_text()


def test_the_place_of_a_finding_is_named_in_words(page_at: Open) -> None:
    page = page_at("/check?example=true", java_script_enabled=False)
    finding = page.locator(".findings li", has_text="The level is missing")
    assert "credentialSubject → hasClaim 1 → specifiedBy" in finding.inner_text()


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("width", [1440, *(pytest.param(width, marks=pytest.mark.matrix) for width in (768, 375))])
def test_a_document_of_one_line_is_laid_out_on_demand(page_at: Open, reference: Path, width: int) -> None:
    sample = reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld"
    page = page_at("/check", viewport={"width": width, "height": 900})
    page.get_by_label("File", exact=True).set_input_files(sample)
    page.locator(".findings li").first.wait_for()
    field = page.get_by_label("Description")
    assert field.evaluate("field => [field.scrollLeft, field.scrollTop]") == [0, 0]
    assert page.locator(".findings li", has_text="Line 1 ·").count() == page.locator(".findings [data-go]").count()
    page.get_by_role("button", name="Lay it out in lines").click()
    page.locator(".findings [data-go]", has_not_text="Line 1").first.wait_for()
    laid_out, whole = field.input_value(), sample.read_text(encoding="utf-8")
    assert laid_out.count("\n") > 300
    assert max(map(len, laid_out.splitlines())) < 1500
    assert len(laid_out) < len(whole) / 2, "pictures are folded"
    assert page.get_by_text("Pictures and other long codes are folded").is_visible()
    assert not page.locator("[data-layout]").is_visible()
    assert json.loads(sent(page)) == json.loads(whole)


@pytest.mark.usefixtures("scripts")
def test_what_is_folded_is_checked_kept_and_copied_as_a_whole(page_at: Open, reference: Path) -> None:
    whole = json.loads((reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld").read_text(encoding="utf-8"))
    page = page_at("/check")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pasted(page, json.dumps(whole))
    page.get_by_role("button", name="Lay it out in lines").press("Enter")
    page.locator(".findings [data-go]", has_not_text="Line 1").first.wait_for()
    field = page.get_by_label("Description")
    for finding in page.locator(".findings li[data-line]").all():
        finding.locator("[data-go]").click()
        place = "field => field.value.slice(0, field.selectionStart).split('\\n').length"
        assert field.evaluate(place) == int(finding.get_attribute("data-line") or "")
        assert field.evaluate(
            "field => '{[\"'.includes(field.value[field.selectionStart - 1] + field.value[field.selectionStart])"
            " || '{['.includes(field.value[field.selectionStart - 1])"
            " || field.selectionEnd > field.selectionStart"
        )
    insert = page.locator(".findings li[data-line]", has=page.locator("[data-insert]")).last
    name = insert.locator("pre").inner_text().split('"')[1]
    insert.get_by_role("button", name="Insert").click()
    assert sent(page).count(f'"{name}"') == json.dumps(whole).count(f'"{name}"') + 1
    field.press("Control+a")
    field.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == sent(page)
    page.reload()
    page.locator(".verdict").wait_for()
    assert "⟦" not in page.get_by_label("Description").input_value()
    field.press("Control+a")
    page.get_by_role("button", name="Lay it out in lines").click()
    field.press("Control+a")
    field.press("Control+x")
    assert field.input_value() == ""
    assert name in json.dumps(json.loads(page.evaluate("navigator.clipboard.readText()")))


@pytest.mark.usefixtures("scripts")
def test_a_signed_document_is_never_laid_out(page_at: Open, reference: Path) -> None:
    sample = (reference / "credentials" / "Sample-MC-Annex1-signed.jsonld").read_text(encoding="utf-8")
    unsigned = (reference / "credentials" / "Sample-MC-Annex1-unsigned.jsonld").read_text(encoding="utf-8")
    nested = json.dumps({"verifiableCredential": [json.loads(unsigned) | {"proof": {"jws": "x"}}]})
    page = page_at("/check")
    for text in (sample, nested, "x" * 5000):
        pasted(page, text)
        page.locator(".verdict, [role=alert]").first.wait_for()
        assert not page.locator("[data-layout]").is_visible()
        assert page.get_by_label("Description").input_value() == text
    pasted(page, unsigned)
    assert page.locator("[data-layout]").is_visible()


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("way", ["reload", "language", "back"])
def test_a_draft_outlives_leaving_the_page(page_at: Open, way: str) -> None:
    page = page_at("/check")
    pasted(page, '{"mine": 1}')
    page.get_by_role("alert").wait_for()
    if way == "reload":
        page.reload()
    elif way == "language":
        page.get_by_role("link", name="Suomi").click()
    else:
        page.goto(page.url.replace("/check", "/skills"))
        page.go_back()
    page.wait_for_function("document.querySelector('#document').value === '{\"mine\": 1}'")
    page.get_by_role("alert").wait_for()
    page.locator("#document").fill("")
    page.reload()
    assert page.locator("#document").input_value() == ""


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("characters", [100, 6_000_000])
def test_leaving_asks_first_where_the_browser_keeps_no_draft(page_at: Open, characters: int) -> None:
    page = page_at("/check")
    page.route("**/check", lambda route: route.abort())
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#document").press("x")  # a browser asks nobody who did nothing on the page
    page.locator("#document").evaluate(
        "(field, size) => { field.value = 'x'.repeat(size); field.dispatchEvent(new Event('input', {bubbles: true})) }",
        characters,
    )
    page.close(run_before_unload=True)
    if characters > 100:
        page.wait_for_event("dialog", timeout=10_000) if not asked else None
    assert asked == (["beforeunload"] if characters > 100 else [])


@pytest.mark.usefixtures("scripts")
def test_the_report_is_not_worth_the_page_when_the_server_is_killed(
    page_at: Open, built: tuple[Path, BuildReport]
) -> None:
    with servers.mastery_graph(built[0]) as mortal:
        page = page_at("/check?example=true", server=mortal.address)
        os.kill(mortal.pid, signal.SIGKILL)
    page.get_by_role("button", name="Download the report").click()
    page.get_by_role("button", name="Try again").wait_for()
    assert "Example Training Centre" in page.get_by_label("Description").input_value()
    assert page.url.endswith("/check?example=true")


@pytest.mark.parametrize(
    ("language", "states"),
    [
        ("en", ["required and missing", "present", "optional and absent"]),
        *(
            pytest.param(language, states, marks=pytest.mark.matrix)
            for language, states in (
                ("it", ["obbligatorio e mancante", "presente", "facoltativo e assente"]),
                ("es", ["obligatorio y ausente", "presente", "opcional y ausente"]),
                ("bg", ["задължителен и липсващ", "налице", "незадължителен и липсващ"]),
                ("fi", ["pakollinen, puuttuu", "löytyy", "valinnainen, puuttuu"]),
            )
        ),
    ],
)
def test_only_what_is_required_is_called_missing(page_at: Open, language: str, states: list[str]) -> None:
    page = page_at("/check?example=true", java_script_enabled=False, locale=language)
    page.locator("#elements > summary").click()
    assert list(dict.fromkeys(page.locator("#elements .tag").all_inner_texts())) == states
    required, optional = (
        page.locator("#elements .missing").count(),
        page.locator("#elements .tag:not(.missing, .met)").count(),
    )
    assert (required, optional) == (5, 5)
    assert "58 %" in (page.locator(".ring").text_content() or "")


@pytest.mark.usefixtures("scripts")
def test_a_description_that_conforms_misses_nothing(page_at: Open) -> None:
    page = page_at("/check?example=true")
    for message in (
        "The level is missing",
        "The issuer's country is not stated",
        "How the learning outcomes were assessed",
        "The mode of participation is not stated",
        "What assures the quality is not stated",
    ):
        page.locator(".findings li", has_text=message).get_by_role("button", name="Insert").click()
        page.locator(".findings", has_not_text=message).wait_for()
    page.get_by_role("heading", name="The description conforms").wait_for()
    assert page.locator("#elements .missing").count() == 0
    assert "100 %" in (page.locator(".ring").text_content() or "")


@pytest.mark.usefixtures("scripts")
def test_a_file_is_dropped(page_at: Open) -> None:
    page = page_at("/check")
    data = page.evaluate_handle(
        "text => { const data = new DataTransfer();"
        " data.items.add(new File([text], 'mine.jsonld', {type: 'application/ld+json'})); return data }",
        EXAMPLE.read_text(encoding="utf-8"),
    )
    page.dispatch_event(".editor", "drop", {"dataTransfer": data})
    page.get_by_role("heading", name="The description does not conform").wait_for()
    assert "Example Training Centre" in page.get_by_label("Description").input_value()


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_a_file_is_uploaded(page_at: Open, scripted: bool) -> None:
    page = page_at("/check", java_script_enabled=scripted)
    page.get_by_label("File", exact=True).set_input_files(EXAMPLE)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("heading", name="The description does not conform").wait_for()
    assert "Example Training Centre" in page.get_by_label("Description").input_value()


def test_it_works_without_scripts_with_the_places_marked(page_at: Open) -> None:
    page = page_at("/check", java_script_enabled=False)
    pasted(page, EXAMPLE.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Check").click()
    assert page.locator(".listing mark").count() >= 1
    page.locator(".findings a[href^='#line-']").first.click()
    assert page.get_by_label("Description").input_value() == EXAMPLE.read_text(encoding="utf-8")


def test_a_document_that_is_not_json_is_told_with_its_line_and_kept(page_at: Open) -> None:
    page = page_at("/check", java_script_enabled=False)
    pasted(page, '{\n  "title": \n}')
    page.get_by_role("button", name="Check").click()
    assert "line 3" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Description").input_value() == '{\n  "title": \n}'
    assert page.locator(".lines .marked").inner_text() == "}"


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_the_report_is_downloaded(page_at: Open, scripted: bool) -> None:
    page = page_at("/check?example=true", java_script_enabled=scripted)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    report = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert report["conforms"] is False
    assert report["findings"]


@pytest.mark.usefixtures("scripts")
def test_another_profile_is_asked_by_choosing_it(page_at: Open) -> None:
    page = page_at("/check?example=true")
    before = page.locator(".outcome p").inner_text()
    page.get_by_label("Profile").select_option("mastery")
    page.locator(".outcome p", has_not_text=before).wait_for()


@pytest.mark.usefixtures("scripts")
@pytest.mark.parametrize("failure", ["stopped", "broken"])
def test_what_was_typed_is_kept_when_the_server_fails(page_at: Open, failure: str) -> None:
    page = page_at("/check")
    page.route("**/check", lambda route: route.abort() if failure == "stopped" else route.fulfill(status=502))
    pasted(page, '{"mine": 1}')
    page.get_by_role("status").get_by_role("button", name="Try again").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'
    page.unroute("**/check")
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'


@pytest.mark.usefixtures("scripts")
def test_a_slow_server_is_told(page_at: Open) -> None:
    page = page_at("/check")
    page.clock.install()
    page.route("**/check", lambda _: None)
    pasted(page, '{"mine": 1}')
    page.clock.fast_forward(10_000)
    page.clock.fast_forward(10_000)
    page.get_by_text("This takes longer than usual").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'


@pytest.mark.parametrize("scripted", SCRIPTED)
@pytest.mark.parametrize("content", [EXAMPLE.read_bytes().replace(b"Waste", b"\xce\xf2"), b""], ids=["cp1251", "empty"])
def test_a_file_that_is_no_text_leaves_what_was_pasted(page_at: Open, scripted: bool, content: bytes) -> None:
    page = page_at("/check", java_script_enabled=scripted)
    pasted(page, '{"mine": 1}')
    file = {"name": "mine.jsonld", "mimeType": "application/ld+json", "buffer": content}
    page.get_by_label("File", exact=True).set_input_files(files=[file])
    page.get_by_role("button", name="Check").click()
    page.get_by_role("alert").filter(has_text="mine.jsonld is").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine": 1}'
    pasted(page, "{")
    page.get_by_role("button", name="Check").click()
    page.get_by_role("alert").filter(has_text="line 1").wait_for()


@pytest.mark.usefixtures("scripts")
def test_a_dropped_file_that_is_no_text_is_told(page_at: Open) -> None:
    page = page_at("/check")
    data = page.evaluate_handle(
        "() => { const data = new DataTransfer();"
        " data.items.add(new File([new Uint8Array([37, 80, 68, 70, 226, 0])], 'mine.pdf')); return data }"
    )
    page.dispatch_event(".editor", "drop", {"dataTransfer": data})
    page.get_by_role("alert").filter(has_text="mine.pdf is not a text in UTF-8").wait_for()
    assert page.get_by_label("Description").input_value() == ""


@pytest.mark.parametrize("scripted", SCRIPTED)
def test_a_report_that_cannot_be_made_leaves_the_document(page_at: Open, scripted: bool) -> None:
    page = page_at("/check", java_script_enabled=scripted)
    pasted(page, '{"mine" 1}')
    page.get_by_role("button", name="Download the report").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Description").input_value() == '{"mine" 1}'


def test_long_addresses_do_not_widen_the_page_of_a_phone(page_at: Open) -> None:
    page = page_at("/check", java_script_enabled=False, viewport={"width": 390, "height": 800})
    long = "https://example.org/" + "very-long-address-of-a-thing-" * 6
    text = EXAMPLE.read_text(encoding="utf-8")
    unknown = text.replace(
        '"volumeOfLearning"', f'"eqfLevel": {{"id": "{long}", "type": "Concept"}}, "volumeOfLearning"', 1
    )
    for each in (unknown, f'{{"@context": "{long}"}}'):
        pasted(page, each)
        page.get_by_role("button", name="Check").click()
        page.locator(".findings, .problem").get_by_text("very-long-address").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
