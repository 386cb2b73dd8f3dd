import QtQuick
import QtQuick.Templates as T

// A state in shape, word and colour. tone: good | busy | warning | danger | unknown. Touching it explains.
T.Button {
    id: control

    property string label: ""
    property string word: ""
    property string tone: "unknown"

    implicitWidth: Math.max(implicitContentWidth + leftPadding + rightPadding, Theme.target)
    implicitHeight: Theme.target
    leftPadding: Theme.dp(9)
    rightPadding: Theme.dp(10)
    focusPolicy: Qt.StrongFocus
    text: label
    Accessible.role: Accessible.Button
    Accessible.name: label + ": " + word
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        implicitWidth: line.implicitWidth
        implicitHeight: line.implicitHeight

        Row {
            id: line

            anchors.centerIn: parent
            spacing: Theme.dp(8)

            Icon {
                name: Theme.toneIcon(control.tone)
                size: Theme.px(30)
                color: Theme.toneColor(control.tone)
                anchors.verticalCenter: parent.verticalCenter
            }

            Text {
                text: control.label
                font.family: Theme.fontFamily
                font.pixelSize: Theme.small
                color: Theme.ink
                anchors.verticalCenter: parent.verticalCenter
                Accessible.ignored: true
            }

            Text {
                text: control.word
                font.family: Theme.fontFamily
                font.pixelSize: Theme.small
                font.bold: true
                color: Theme.toneColor(control.tone)
                anchors.verticalCenter: parent.verticalCenter
                Accessible.ignored: true
            }
        }
    }

    background: Rectangle {
        radius: Theme.radiusSmall
        color: control.down ? Theme.surfaceSunken : control.tone === "good" || control.tone === "busy" ? "transparent" : Theme.toneSoft(control.tone)
        border.width: control.tone === "good" || control.tone === "busy" ? 0 : Theme.border
        border.color: Theme.toneColor(control.tone)

        FocusRing {
            shown: control.visualFocus
        }
    }
}
