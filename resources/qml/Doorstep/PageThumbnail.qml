import QtQuick
import QtQuick.Templates as T

// A captured page, small. `mark` is a short word over its foot ("请重拍"), in `markTone`.
T.Button {
    id: thumb

    property string source: ""
    property string label: ""
    property string mark: ""
    property string markTone: "warning"

    implicitWidth: Theme.px(120)
    implicitHeight: Theme.px(120)
    padding: Theme.dp(6)
    focusPolicy: Qt.StrongFocus
    scale: down ? 0.97 : 1.0
    text: label
    Accessible.role: Accessible.Button
    Accessible.name: [label, mark].filter(part => part !== "").join(", ")
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        Image {
            anchors.fill: parent
            source: thumb.source
            sourceSize: Qt.size(width, height)
            fillMode: Image.PreserveAspectFit
            asynchronous: true
            cache: false
        }

        Rectangle {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            visible: thumb.mark !== ""
            height: markText.implicitHeight + Theme.dp(4)
            radius: Theme.dp(6)
            color: Theme.toneColor(thumb.markTone)

            Text {
                id: markText

                anchors.centerIn: parent
                text: thumb.mark
                font.family: Theme.fontFamily
                font.pixelSize: Theme.small
                font.bold: true
                color: Theme.accentInk
                Accessible.ignored: true
            }
        }
    }

    background: Rectangle {
        radius: Theme.radiusSmall
        color: Theme.surfaceSunken
        border.width: thumb.mark !== "" ? Theme.dp(4) : Theme.border
        border.color: thumb.mark !== "" ? Theme.toneColor(thumb.markTone) : Theme.lineStrong

        FocusRing {
            shown: thumb.visualFocus
        }
    }
}
