pragma Singleton

import QtQuick

// Tokens of the look. `largePrint` and `highContrast` are the two switches everything follows; the window tells its
// size in `windowWidth` and `windowHeight`. Sizes are given for a 1920x1080 screen:
//   px(n)  text, icons and targets: follows the window and large print (x1.3)
//   dp(n)  spacing and frames: follows the window only, so that large print does not spend the screen on gaps
QtObject {
    id: theme

    property bool largePrint: false
    property bool highContrast: false
    property real windowWidth: 1920
    property real windowHeight: 1080
    property real keyboardHeight: 0 // of our on-screen keyboard while it is shown

    readonly property real scale: Math.max(0.5, Math.min(windowWidth / 1920, windowHeight / 1080))
    readonly property real textScale: largePrint ? 1.3 : 1.0
    readonly property bool compact: windowHeight < 900 || largePrint
    readonly property bool tight: largePrint

    function px(n: real): int {
        return Math.round(n * scale * textScale);
    }

    function dp(n: real): int {
        return Math.max(1, Math.round(n * scale));
    }

    // type: at 1080p nothing is smaller than `small`
    readonly property string fontFamily: "Noto Sans CJK SC"
    readonly property int small: px(24)
    readonly property int body: px(28)
    readonly property int lead: px(32)
    readonly property int title: px(38)
    readonly property int display: px(48)

    // geometry
    readonly property int target: px(64)
    readonly property int targetLarge: px(84)
    readonly property int targetPrimary: px(104)
    readonly property int gapSmall: dp(10)
    readonly property int gap: dp(20)
    readonly property int gapLarge: dp(32)
    readonly property int margin: dp(48)
    readonly property int radius: dp(18)
    readonly property int radiusSmall: dp(12)
    readonly property int border: highContrast ? dp(3) : dp(2)
    readonly property int iconSize: px(36)

    // colours: warm paper, deep jade, ink; every pair used for text is checked by tests/ui/test_theme.py
    readonly property color page: highContrast ? "#FFFFFF" : "#F7F4ED"
    readonly property color surface: "#FFFFFF"
    readonly property color surfaceSunken: highContrast ? "#FFFFFF" : "#EFEBE1"
    readonly property color ink: highContrast ? "#000000" : "#1D2A2E"
    readonly property color muted: highContrast ? "#262626" : "#546067"
    readonly property color line: highContrast ? "#000000" : "#DCD5C6"
    readonly property color lineStrong: highContrast ? "#000000" : "#8A8778"
    readonly property color accent: highContrast ? "#00403B" : "#0D655E"
    readonly property color accentPressed: highContrast ? "#000000" : "#094A45"
    readonly property color accentSoft: highContrast ? "#FFFFFF" : "#E1EFEB"
    readonly property color accentInk: "#FFFFFF"
    readonly property color warm: highContrast ? "#5C2A00" : "#9A4A1C"
    readonly property color warmSoft: highContrast ? "#FFFFFF" : "#FAEBDD"
    readonly property color good: highContrast ? "#00401C" : "#1D6A3C"
    readonly property color goodSoft: highContrast ? "#FFFFFF" : "#E5F2E8"
    readonly property color warning: highContrast ? "#573700" : "#7A4F00"
    readonly property color warningSoft: highContrast ? "#FFFFFF" : "#FDF1D3"
    readonly property color danger: highContrast ? "#7A0000" : "#AB261C"
    readonly property color dangerPressed: highContrast ? "#4D0000" : "#84190F"
    readonly property color dangerSoft: highContrast ? "#FFFFFF" : "#FBE6E2"
    readonly property color unknown: highContrast ? "#262626" : "#5A6066"
    readonly property color unknownSoft: highContrast ? "#FFFFFF" : "#ECEDEC"
    readonly property color disabledInk: highContrast ? "#404040" : "#666E70"
    readonly property color disabledFill: highContrast ? "#FFFFFF" : "#E6E3DA"
    readonly property color focusRing: highContrast ? "#0000C8" : "#1B58C4"
    readonly property color veil: "#B3131F22"
    readonly property color cover: highContrast ? "#000000" : "#0B3F3B"
    readonly property color coverInk: "#FFFFFF"

    readonly property int moveDuration: 160

    // `tone` is one of accent, good, warning, danger, info, busy, unknown, warm
    function toneColor(tone: string): color {
        switch (tone) {
        case "good":
            return good;
        case "warning":
            return warning;
        case "danger":
        case "error":
            return danger;
        case "unknown":
            return unknown;
        case "warm":
            return warm;
        default:
            return accent;
        }
    }

    function toneSoft(tone: string): color {
        switch (tone) {
        case "good":
            return goodSoft;
        case "warning":
            return warningSoft;
        case "danger":
        case "error":
            return dangerSoft;
        case "unknown":
            return unknownSoft;
        case "warm":
            return warmSoft;
        default:
            return accentSoft;
        }
    }

    // A shape of its own for every tone: nothing depends on colour alone.
    function toneIcon(tone: string): string {
        switch (tone) {
        case "good":
            return "circle-check";
        case "warning":
            return "alert-triangle";
        case "danger":
        case "error":
            return "circle-x";
        case "unknown":
            return "help-circle";
        case "busy":
            return "clock";
        default:
            return "info-circle";
        }
    }
}
