import QtQuick
import QtQuick.Templates as T

// kind: primary | secondary | quiet | danger. `large` for the one action a screen is about.
// `iconAfter` puts the icon behind the words (next →). `busy` shows that it was heard and keeps it from a second press.
T.Button {
    id: control

    property string kind: "secondary"
    property string iconName: ""
    property bool iconAfter: false
    property bool large: false
    property bool busy: false

    readonly property bool filled: kind === "primary" || kind === "danger"
    readonly property color contentColor: !enabled ? Theme.disabledInk : filled ? Theme.accentInk : kind === "quiet" ? Theme.ink : Theme.accent

    implicitWidth: Math.max(implicitContentWidth + leftPadding + rightPadding, text === "" ? implicitHeight : Theme.px(150))
    implicitHeight: Math.max(implicitContentHeight + topPadding + bottomPadding, large ? Theme.targetPrimary : Theme.targetLarge)
    leftPadding: text === "" ? Theme.dp(14) : large ? Theme.dp(44) : Theme.dp(28)
    rightPadding: leftPadding
    topPadding: Theme.dp(10)
    bottomPadding: Theme.dp(10)
    focusPolicy: Qt.StrongFocus
    font.family: Theme.fontFamily
    font.pixelSize: large ? Theme.title : Theme.lead
    font.bold: filled
    scale: down ? 0.985 : 1.0
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        implicitWidth: (mark.visible ? mark.width : 0) + (words.visible ? words.implicitWidth : 0) + (mark.visible && words.visible ? line.spacing : 0)
        implicitHeight: line.implicitHeight

        Row {
            id: line

            anchors.centerIn: parent
            spacing: Theme.dp(14)
            layoutDirection: control.iconAfter ? Qt.RightToLeft : Qt.LeftToRight

            Icon {
                id: mark

                visible: control.iconName !== "" || control.busy
                name: control.busy ? "clock" : control.iconName
                size: control.large ? Theme.px(44) : Theme.iconSize
                color: control.contentColor
                anchors.verticalCenter: parent.verticalCenter
            }

            Text {
                id: words

                visible: control.text !== ""
                width: Math.min(implicitWidth, control.availableWidth - (mark.visible ? mark.width + line.spacing : 0))
                text: control.text
                font: control.font
                color: control.contentColor
                wrapMode: Text.WordWrap
                horizontalAlignment: Text.AlignHCenter
                anchors.verticalCenter: parent.verticalCenter
                Accessible.ignored: true
            }
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: {
            if (!control.enabled)
                return control.kind === "quiet" ? "transparent" : Theme.disabledFill;
            if (control.kind === "primary")
                return control.down ? Theme.accentPressed : Theme.accent;
            if (control.kind === "danger")
                return control.down ? Theme.dangerPressed : Theme.danger;
            if (control.kind === "quiet")
                return control.down ? Theme.surfaceSunken : "transparent";
            return control.down ? Theme.accentSoft : Theme.surface;
        }
        border.width: control.kind === "secondary" || (Theme.highContrast && (control.kind === "quiet" || !control.enabled)) ? Theme.border : 0
        border.color: control.enabled ? Theme.accent : Theme.lineStrong

        FocusRing {
            shown: control.visualFocus
        }
    }

    Behavior on scale {
        NumberAnimation {
            duration: 80
        }
    }
}
