import QtQuick
import QtQuick.Templates as T
import Doorstep

// One key. It never takes the focus from the field.
T.Button {
    id: key

    property string iconName: ""
    property string kind: "plain" // plain | side | go
    property real span: 1

    implicitHeight: Theme.dp(84)
    focusPolicy: Qt.NoFocus
    font.family: Theme.fontFamily
    font.pixelSize: kind === "plain" ? Theme.dp(40) : Theme.dp(32)
    font.bold: kind === "go"
    autoRepeat: false
    Accessible.role: Accessible.Button
    Accessible.name: text

    contentItem: Item {
        Text {
            anchors.centerIn: parent
            visible: key.iconName === ""
            text: key.text
            font: key.font
            color: key.kind === "go" ? Theme.accentInk : Theme.ink
            Accessible.ignored: true
        }

        Icon {
            anchors.centerIn: parent
            visible: key.iconName !== ""
            name: key.iconName
            size: Theme.dp(42)
            color: key.kind === "go" ? Theme.accentInk : Theme.ink
        }
    }

    background: Rectangle {
        radius: Theme.radiusSmall
        color: key.kind === "go" ? (key.down ? Theme.accentPressed : Theme.accent) : key.down ? Theme.accentSoft : key.kind === "side" ? Theme.surfaceSunken : Theme.surface
        border.width: key.down && Theme.highContrast ? Theme.dp(5) : Theme.border
        border.color: key.kind === "go" ? Theme.accent : Theme.line
    }
}
