"""What the simulated cameras see: papers on the mat, and people-shaped nobodies in front of the webcam.

``render`` is pure and repeatable; for a document it also gives the true corners, so that page finding can be measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import zxingcpp
from cv2.typing import MatLike
from PIL import Image, ImageDraw

from drivers.opencv import cv2
from drivers.simulated.papers import PAPERS, Paper, font, paper

Corners = npt.NDArray[np.float32]

MAT_WIDTH_MM = 440.0
"""Width of the mat the camera sees; A4 fits upright into a 4:3 picture of it."""

MATS: dict[str, tuple[int, int, int]] = {  # BGR
    "grey": (88, 88, 86),
    "green": (84, 104, 62),
    "black": (38, 38, 40),
    "wood": (92, 132, 172),
    "white": (226, 228, 230),
    "marked": (52, 52, 54),  # with the frames of A4, A5 and A6 printed on it, as many document cameras' mats have
}
PLACES = {
    "top_left": (0.25, 0.25),
    "top_right": (0.75, 0.25),
    "bottom_right": (0.75, 0.75),
    "bottom_left": (0.25, 0.75),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One view.

    Attributes:
        subject: A name of ``PAPERS``, "" for the empty mat, or a webcam subject (``WEBCAM_SCENES``).
        angle: Degrees the page lies turned, clockwise.
        shift: Millimetres right and down from the middle of the mat.
        tilt: How far the camera stands from straight above; 0.06 is a usual arm.
        blur: Sigma in pixels of a 1920 wide picture.
        motion: Length of a smear in pixels of a 1920 wide picture.
        glare: "" or one of ``PLACES``: a lamp mirrored there on the page.
        light: 1 normal, 0.25 dark.
        hand: A finger reaches onto the page.
        slide: The page slides in, then lies still.
        noise: Sigma of the sensor's noise, grey levels.
        code: What a phone shows: text or bytes.
        sheet: A paper of its own instead of the ``subject``: lying on the mat, or held before the webcam.
        mirrored: The camera gives a mirror image.
        half_shadow: Part of the light that something takes from the left half of the mat.
    """

    subject: str = ""
    webcam: bool = False
    mat: str = "grey"
    angle: float = 2.0
    shift: tuple[float, float] = (0.0, 0.0)
    tilt: float = 0.04
    blur: float = 0.0
    motion: float = 0.0
    glare: str = ""
    light: float = 1.0
    hand: bool = False
    slide: bool = False
    noise: float = 2.0
    code: str | bytes = ""
    seed: int = 1
    sheet: Paper | None = field(default=None, compare=False, repr=False)
    mirrored: bool = False
    half_shadow: float = 0.0


DOCUMENT_SCENES = ("empty_mat", *PAPERS)
WEBCAM_SCENES = ("empty_room", "face", "phone")
SLIDE_STEPS = 6


def document_scene(name: str, *, cut_off: bool = False, **changes: Any) -> Scene:
    """A document under the camera, by a name of ``DOCUMENT_SCENES``; ``changes`` are fields of ``Scene``.

    Raises:
        ValueError: no such scene, mat or place of glare.
    """
    if name not in DOCUMENT_SCENES:
        raise ValueError(f"no document scene {name!r}; there are {', '.join(DOCUMENT_SCENES)}")
    scene = replace(Scene("" if name == "empty_mat" else name), **changes)
    if scene.mat not in MATS or (scene.glare and scene.glare not in PLACES):
        raise ValueError(f"no mat {scene.mat!r} or no place of glare {scene.glare!r}")
    if cut_off:
        half = paper(name).width_mm / 2 if scene.subject else 0.0
        scene = replace(scene, shift=(MAT_WIDTH_MM / 2 - half * 0.6, scene.shift[1]))
    return scene


def webcam_scene(name: str, *, code: str | bytes = "", **changes: Any) -> Scene:
    """A view of the webcam, by a name of ``WEBCAM_SCENES``; ``code`` is what the phone's QR code says.

    Raises:
        ValueError: no such scene.
    """
    if name not in WEBCAM_SCENES:
        raise ValueError(f"no webcam scene {name!r}; there are {', '.join(WEBCAM_SCENES)}")
    return replace(Scene(name, webcam=True, angle=6.0), code=code, **changes)


def render(
    scene: Scene, size: tuple[int, int], *, progress: float = 1.0, variant: int = 0
) -> tuple[MatLike, Corners | None]:
    """Paint a scene.

    Args:
        scene: What to paint.
        size: Width and height in pixels.
        progress: 0..1 of sliding in.
        variant: Another number gives the same view with other noise.

    Returns:
        BGR uint8 picture, and the page's corners (float32 (4, 2) px: TL, TR, BR, BL; may lie outside) or None.
    """
    clean, corners = _webcam(scene, size) if scene.webcam else _document(scene, size, progress)
    scale = size[0] / 1920
    if scene.blur > 0:
        clean = cv2.GaussianBlur(clean, (0, 0), scene.blur * scale)
    if scene.motion > 0:
        length = max(2, round(scene.motion * scale))
        clean = cv2.blur(clean, (length, 1))
    if scene.mirrored:
        clean = cv2.flip(clean, 1)
    return _sensor(clean, scene, variant), corners


def _sensor(image: MatLike, scene: Scene, variant: int) -> MatLike:
    if scene.light != 1.0:
        image = cv2.convertScaleAbs(image, alpha=scene.light)
    if scene.noise <= 0:
        return image
    noise = _noise(image.shape[1], image.shape[0], scene.seed)
    shifted = np.roll(noise, (variant * 131, variant * 197), axis=(0, 1))
    layer = cv2.merge([shifted, shifted, shifted])
    return cv2.addWeighted(image, 1.0, layer, scene.noise / 16, -128 * scene.noise / 16)


@lru_cache(maxsize=4)
def _noise(width: int, height: int, seed: int) -> MatLike:
    """Noise around 128 with sigma 16."""
    return np.clip(np.random.default_rng(seed).normal(128, 16, (height, width)), 0, 255).astype(np.uint8)


@lru_cache(maxsize=4)
def _mat(name: str, width: int, height: int) -> MatLike:
    rng = np.random.default_rng(7)
    if name == "wood":
        lines = rng.normal(0, 1, (height, 1)) + 0.3 * rng.normal(0, 1, (height, width))
        grain, strength = cv2.GaussianBlur(lines.astype(np.float32), (0, 0), sigmaX=40, sigmaY=2), 7.0
    else:
        grain, strength = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.2), 2.5
    relief = np.asarray(grain, np.float32) * (strength / max(float(grain.std()), 1e-6))
    mat = np.clip(np.array(MATS[name], np.float32) + relief[:, :, None], 0, 255).astype(np.uint8)
    if name == "marked":
        per_mm = width / MAT_WIDTH_MM
        for wide, tall in ((210, 297), (297, 210), (148, 210), (105, 148)):
            start = (round((width - wide * per_mm) / 2), round((height - tall * per_mm) / 2))
            end = (round((width + wide * per_mm) / 2), round((height + tall * per_mm) / 2))
            cv2.rectangle(mat, start, end, (225, 225, 225), max(1, round(0.5 * per_mm)))
    return mat


@lru_cache(maxsize=4)
def _lamp(width: int, height: int) -> MatLike:
    """Light falls off away from a lamp at the upper left; white paper comes out at about 225, as cameras expose it."""
    x, y = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    light = np.clip(0.92 - 0.14 * ((x - 0.4) ** 2 + (y - 0.35) ** 2) / 0.5, 0, 1)
    return cv2.merge([(light * 255).astype(np.uint8)] * 3)


def _placement(scene: Scene, size: tuple[int, int], progress: float) -> npt.NDArray[np.float64]:
    """Homography from millimetres on the page (origin in its middle) to pixels of the picture."""
    width, height = size
    per_mm = width / MAT_WIDTH_MM
    turn = np.deg2rad(scene.angle + 10 * (1 - progress))
    cos, sin = np.cos(turn), np.sin(turn)
    away = (1 - progress) * MAT_WIDTH_MM * 0.75
    page_to_mat = np.array([[cos, -sin, scene.shift[0] + away], [sin, cos, scene.shift[1] + 0.3 * away], [0, 0, 1]])
    tilt = scene.tilt / (MAT_WIDTH_MM / 2)
    camera = np.array([[1, 0, 0], [0, 1, 0], [0.3 * tilt, tilt, 1]])
    to_pixels = np.array([[per_mm, 0, width / 2], [0, per_mm, height / 2], [0, 0, 1]])
    return np.asarray(to_pixels @ camera @ page_to_mat, np.float64)


def _document(scene: Scene, size: tuple[int, int], progress: float) -> tuple[MatLike, Corners | None]:
    image = _mat(scene.mat, *size).copy()
    corners: Corners | None = None
    sheet = scene.sheet or (paper(scene.subject) if scene.subject else None)
    if sheet is not None:
        to_picture = _placement(scene, size, progress)
        half = np.array([sheet.width_mm / 2, sheet.height_mm / 2])
        corner_mm = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        corners = cv2.perspectiveTransform(corner_mm[None].astype(np.float64), to_picture)[0].astype(np.float32)
        rows, columns = sheet.image.shape[:2]
        to_mm = np.array(
            [[sheet.width_mm / columns, 0, -half[0]], [0, sheet.height_mm / rows, -half[1]], [0, 0, 1]], np.float64
        )
        warp = to_picture @ to_mm
        # Pixel centres lie at half pixels of the sheet and at whole pixels of the picture.
        warp = warp @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        flat = sheet.image
        reduction = columns / max(float(np.linalg.norm(corners[1] - corners[0])), 1.0)
        if reduction > 1.5:  # the lens averages; sampling single points would not
            flat = cv2.GaussianBlur(flat, (0, 0), 0.4 * reduction)
        shown = cv2.warpPerspective(flat, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpPerspective(sheet.mask, warp, size, flags=cv2.INTER_LINEAR)
        image = _shadow(image, mask, size)
        alpha = cv2.merge([mask, mask, mask])
        image = cv2.add(cv2.multiply(image, 255 - alpha, scale=1 / 255), cv2.multiply(shown, alpha, scale=1 / 255))
    if scene.hand:
        image = _hand(image, corners)
    image = cv2.multiply(image, _lamp(*size), scale=1 / 255)
    if scene.half_shadow:
        column = 1 - scene.half_shadow / (1 + np.exp((np.arange(size[0]) - size[0] / 2) / (size[0] / 200)))
        image = (image * column[None, :, None]).astype(np.uint8)
    if scene.glare and corners is not None:
        image = _glare(image, corners, scene.glare)
    return image, corners


def _shadow(image: MatLike, mask: MatLike, size: tuple[int, int]) -> MatLike:
    small = cv2.resize(mask, (size[0] // 8, size[1] // 8), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(np.roll(small, (1, 1), axis=(0, 1)), (0, 0), 1.2)
    soft = 255 - cv2.convertScaleAbs(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), alpha=0.25)
    return cv2.multiply(image, cv2.merge([soft, soft, soft]), scale=1 / 255)


def _glare(image: MatLike, corners: Corners, place: str) -> MatLike:
    u, v = PLACES[place]
    top = corners[0] * (1 - u) + corners[1] * u
    bottom = corners[3] * (1 - u) + corners[2] * u
    x, y = (top * (1 - v) + bottom * v).tolist()
    size = float(np.linalg.norm(corners[2] - corners[0]))
    spot = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(spot, (round(x), round(y)), (round(size * 0.09), round(size * 0.05)), 25, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(spot, (0, 0), size * 0.012)
    return cv2.add(image, cv2.merge([soft, soft, soft]))


def _hand(image: MatLike, corners: Corners | None) -> MatLike:
    height, width = image.shape[:2]
    tip = (0.55 * width, 0.7 * height) if corners is None else tuple((corners[2] * 0.8 + corners[0] * 0.2).tolist())
    thickness = round(width * 0.045)
    skin = (132, 165, 214)
    end = (round(tip[0] + 0.14 * width), height + thickness)
    cv2.line(image, (round(tip[0]), round(tip[1])), end, skin, thickness, cv2.LINE_AA)
    cv2.line(
        image, (round(tip[0] + 0.04 * width), round(tip[1] + 0.05 * height)), end, skin, thickness * 2, cv2.LINE_AA
    )
    return image


# -- webcam ------------------------------------------------------------------------------------------------------


def _webcam(scene: Scene, size: tuple[int, int]) -> tuple[MatLike, Corners | None]:
    picture = Image.new("RGB", size, (176, 186, 192))
    pen = ImageDraw.Draw(picture)
    width, height = size
    pen.rectangle((0, round(height * 0.78), width, height), fill=(120, 110, 100))
    pen.rectangle(
        (round(width * 0.08), round(height * 0.1), round(width * 0.3), round(height * 0.5)), fill=(214, 224, 232)
    )
    drawers: dict[str, Callable[[ImageDraw.ImageDraw, int, int], None]] = {"face": _person, "empty_room": _nothing}
    drawers.get(scene.subject, _nothing)(pen, width, height)
    pen.text((width - 16, height - 12), "模拟画面", fill=(90, 90, 96), font=font(max(12, height // 28)), anchor="rs")
    image = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
    if scene.sheet is not None:
        return _held_sheet(image, scene, scene.sheet)
    if scene.subject != "phone":
        return cv2.GaussianBlur(image, (0, 0), 1.0), None
    return _phone(image, scene)


def _nothing(pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    del pen, width, height


def _person(pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """A drawn figure without a face: nobody."""
    middle, head = width * 0.52, height * 0.2
    pen.ellipse((middle - head * 0.8, height * 0.2, middle + head * 0.8, height * 0.2 + head * 2), fill=(196, 168, 146))
    body = (middle - head * 2, height * 0.64, middle + head * 2, height * 1.5)
    pen.rounded_rectangle(body, radius=head, fill=(86, 104, 140))


def _phone(image: MatLike, scene: Scene) -> tuple[MatLike, Corners]:
    """A phone held up, its screen showing a QR code of about 4 pixels a module at 1280×720."""
    height, width = image.shape[:2]
    tall = round(height * 0.92)
    wide = round(tall * 0.5)
    phone = Image.new("RGB", (wide, tall), (24, 24, 28))
    pen = ImageDraw.Draw(phone)
    edge = round(wide * 0.04)
    pen.rectangle((edge, edge * 2, wide - edge, tall - edge * 2), fill=(246, 248, 250))
    pen.text(
        (wide // 2, round(tall * 0.12)), "示例二维码", fill=(40, 60, 90), font=font(max(12, wide // 11)), anchor="ma"
    )
    if scene.code:
        code = zxingcpp.create_barcode(scene.code, zxingcpp.BarcodeFormat.QRCode)
        modules = np.array(zxingcpp.write_barcode_to_image(code, scale=1))
        scale = max(1, (wide - 2 * edge) // modules.shape[1])
        drawn = Image.fromarray(np.kron(modules, np.ones((scale, scale), np.uint8))).convert("RGB")
        phone.paste(drawn, ((wide - drawn.width) // 2, round(tall * 0.24)))
    turn = np.deg2rad(scene.angle)
    cos, sin = np.cos(turn), np.sin(turn)
    centre = np.array([width * 0.55 + scene.shift[0], height * 0.52 + scene.shift[1]])
    half = np.array([wide / 2, tall / 2])
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    square[:2, 0] *= 0.97  # held leaning back a little
    corners = (square @ np.array([[cos, sin], [-sin, cos]]) + centre).astype(np.float32)
    source = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    warp = cv2.getPerspectiveTransform(source, corners)
    flat = np.ascontiguousarray(np.asarray(phone)[:, :, ::-1])
    shown = cv2.warpPerspective(flat, warp, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full((tall, wide), 255, np.uint8), warp, (width, height))
    blurred = cv2.GaussianBlur(image, (0, 0), 3.0)
    return np.where(mask[:, :, None] > 127, shown, blurred), corners


HELD_PER_MM = 3.6
"""Pixels a millimetre at 1280 wide of a paper held an arm's length before the webcam."""


def _held_sheet(image: MatLike, scene: Scene, sheet: Paper) -> tuple[MatLike, Corners]:
    """A slip held up; where it is longer than the picture, its upper middle is shown."""
    height, width = image.shape[:2]
    per_mm = HELD_PER_MM * width / 1280
    rows, columns = sheet.image.shape[:2]
    turn = np.deg2rad(scene.angle)
    cos, sin = np.cos(turn), np.sin(turn)
    wide, tall = sheet.width_mm * per_mm, sheet.height_mm * per_mm
    square = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]]) - np.array([wide / 2, min(tall / 2, 0.46 * tall)])
    square[:2, 0] *= 0.98  # held leaning back a little
    centre = np.array([width * 0.52 + scene.shift[0], height * 0.5 + scene.shift[1]])
    corners = (square @ np.array([[cos, sin], [-sin, cos]]) + centre).astype(np.float32)
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    warp = cv2.getPerspectiveTransform(source, corners)
    reduction = columns / max(wide, 1.0)
    flat = cv2.GaussianBlur(sheet.image, (0, 0), 0.4 * reduction) if reduction > 1.5 else sheet.image
    shown = cv2.warpPerspective(flat, warp, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(sheet.mask, warp, (width, height))
    blurred = cv2.GaussianBlur(image, (0, 0), 3.0)
    return np.where(mask[:, :, None] > 127, shown, blurred), corners
