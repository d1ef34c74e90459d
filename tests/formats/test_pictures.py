"""A logo that is no picture, or would take without end to draw, is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from letters.formats.pictures import UnusablePicture, check_picture

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'


def uses(levels: int, href: str) -> str:
    groups = "".join(f'<g id="g{n}">' + f'<use {href}="#g{n + 1}"/>' * 10 + "</g>" for n in range(levels))
    return groups + f'<g id="g{levels}"><rect width="1" height="1"/></g><use {href}="#g0"/>'


REFUSED = {
    "more than 20,000 pieces": uses(9, "href"),
    "more than 20,000 pieces, ": uses(9, "xlink:href"),
    "uses itself": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "nested more than 50 deep": "<g>" * 100 + "</g>" * 100,
    "use each other more than 50 deep": "".join(f'<g id="g{n}"><use href="#g{n + 1}"/></g>' for n in range(300)),
    "another drawing as data": '<image href="data:image/svg+xml;base64,AAAA"/>',
    "not an SVG that can be read": "<g>",
    "more than 20,000 pieces: patterns": "".join(
        f'<pattern id="p{n}">' + f'<rect fill="url(#p{n + 1})"/>' * 10 + "</pattern>" for n in range(9)
    )
    + '<pattern id="p9"><rect/></pattern>',
    "a gradient in it repeats": '<linearGradient id="g" spreadMethod="repeat" x2="0.0000001"/>',
    "its lines have more than": '<path d="' + "M0 0 L1 1 " * 60_000 + '"/>',
    "from another file": '<image href="file:///etc/passwd"/>',
    "from another file, by its style": "<style>@import url(http://127.0.0.1:9/a.css);</style>",
    "from another file, by an attribute": '<rect style="fill: url(other.svg#a)"/>',
    "a number in it has no end": '<path d="M 1e308 0 L 5 5"/>',
    "a number in it has no end, or is none": '<rect width="nan"/>',
    "it holds a web page": "<foreignObject><p>Our name</p></foreignObject>",
    "filter: url": '<g filter="url(#f)"/>',
    "filter: blur": '<g style="fill: red; filter: blur(2px)"/>',
    "its .stroke: url": '<path stroke="url(#g)"/>',
    "var": "<style>.a { fill: var(--x) }</style>",
    "@media print": "<style>@media (prefers-color-scheme: dark) {.a{}} @media print {.a{}}</style>",
    "not drawn as it should be .<textPath>": '<text><textPath href="#t">Us</textPath></text>',
    "text-transform: uppercase": '<text style="text-transform:uppercase">Us</text>',
    "characters of text": "<text>" + "x" * 60_000 + "</text>",
}


@pytest.mark.parametrize("said", REFUSED)
def test_a_drawing_that_multiplies_or_is_none_is_refused(tmp_path: Path, said: str) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(SVG.format(REFUSED[said]), "utf-8")
    with pytest.raises(UnusablePicture, match=said.partition(",")[0].partition(":")[0]):
        check_picture(path)


def test_links_and_pictures_that_a_drawing_holds_itself_are_let_through(tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    own = '<a href="https://example.org"><rect id="r" x="1e-5" style="fill: url(#g)"/></a><use href="#r"/>'
    path.write_text(SVG.format(f'{own}<image href="data:image/png;base64,AAAA"/><!-- a remark -->'), "utf-8")
    check_picture(path)


def test_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text('<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("&a;"), "utf-8")
    with pytest.raises(UnusablePicture, match="entities"):
        check_picture(path)


def test_pixels_are_counted_and_other_files_refused(tmp_path: Path) -> None:
    large, other, good = (tmp_path / name for name in ("large.png", "other.png", "good.png"))
    Image.new("1", (20_000, 20_000)).save(large)
    other.write_text("no picture", "utf-8")
    Image.new("RGB", (600, 200)).save(good)
    with pytest.raises(UnusablePicture, match="pixels"):
        check_picture(large)
    with pytest.raises(UnusablePicture, match="not a picture"):
        check_picture(other)
    check_picture(good)


def test_a_drawing_that_uses_its_parts_as_logos_do_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(SVG.format('<defs><g id="a"><rect/></g></defs>' + '<use href="#a"/>' * 40), "utf-8")
    check_picture(path)


def test_a_picture_that_one_medium_shows_otherwise_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """16-bit pixels came out as a warning of the engine and no letter; a turned photograph lay on its side in Word."""
    deep, other, turned, cut = (tmp_path / name for name in ("deep.png", "gif.png", "turned.jpg", "cut.png"))
    Image.new("I;16", (30, 30), 30_000).save(deep)
    Image.new("P", (30, 30)).save(tmp_path / "a.gif")
    (tmp_path / "a.gif").rename(other)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 10)).save(turned, exif=exif)
    Image.effect_noise((90, 90), 50).save(cut)
    cut.write_bytes(cut.read_bytes()[:2000])
    import weasyprint  # noqa: F401 - it has Pillow take pictures cut short for whole ones

    for path, said in ((deep, "I;16"), (other, "a GIF in a file"), (turned, "on its side"), (cut, "not a picture")):
        with pytest.raises(UnusablePicture, match=said):
            check_picture(path)


def test_a_suffix_in_capitals_is_the_same_suffix(tmp_path: Path) -> None:
    path = tmp_path / "LOGO.PNG"
    Image.new("RGB", (600, 200)).save(path, format="PNG")
    check_picture(path)


@pytest.mark.parametrize(
    ("size", "is_read"),
    [
        ('width="10" height="10pt"', True),
        ('viewBox="0 0 100 50"', True),
        ('width="100%" viewBox="-.5,1e2 , 3. +4"', True),
        ('viewBox="a b"', False),
        ('width="nan"', False),
        ('height="inf"', False),
        ('width="0" height="9"', False),
        ('viewBox="0 0 9 0"', False),
    ],
)
def test_a_drawing_whose_size_is_none_is_refused(tmp_path: Path, size: str, is_read: bool) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}/>', "utf-8")
    if is_read:
        check_picture(path)
    else:
        with pytest.raises(UnusablePicture, match="which is no size"):
            check_picture(path)


@pytest.mark.parametrize("size", ["", 'width="80"', 'width="100%" height="100%"'])
def test_a_drawing_that_does_not_say_how_large_it_is_is_refused(tmp_path: Path, size: str) -> None:
    """It was cut off where the browser of its maker showed all of it."""
    path = tmp_path / "logo.svg"
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="9" height="9"/></svg>', "utf-8")
    with pytest.raises(UnusablePicture, match="how large it is"):
        check_picture(path)


@pytest.mark.parametrize(("mode", "color"), [("RGB", "white"), ("RGBA", (0, 0, 0, 0)), ("LA", (255, 255)), ("CMYK", 0)])
def test_a_picture_that_nobody_sees_on_paper_is_refused(tmp_path: Path, mode: str, color: object) -> None:
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (60, 20), color).save(path)
    with pytest.raises(UnusablePicture, match="nothing of it can be seen"):
        check_picture(path)
    seen = Image.new(mode, (60, 20), color)
    seen.paste({"RGB": "red", "RGBA": (200, 0, 0, 255), "LA": (0, 255), "CMYK": (0, 0, 0, 255)}[mode], (5, 5, 9, 9))
    seen.save(path)
    check_picture(path)
