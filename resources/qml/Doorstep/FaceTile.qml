import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A level of satisfaction: a large face and its words. `selected` shows a tick and a broad frame.
T.Button {
    id: tile

    property string face: "mood-smile"
    property string tone: "accent"
    property bool selected: false

    implicitWidth: Theme.px(240)
    implicitHeight: implicitContentHeight + topPadding + bottomPadding
    padding: Theme.dp(16)
    focusPolicy: Qt.StrongFocus
    scale: down ? 0.985 : 1.0
    Accessible.role: Accessible.RadioButton
    Accessible.name: text
    Accessible.checkable: true
    Accessible.checked: selected
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: ColumnLayout {
        spacing: Theme.dp(6)

        Item {
            Layout.fillHeight: true
        }

        Icon {
            Layout.alignment: Qt.AlignHCenter
            name: tile.face
            size: Theme.px(Theme.compact ? 92 : 132)
            color: Theme.toneColor(tile.tone)
        }

        Body {
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: tile.text
            font.pixelSize: Theme.compact ? Theme.body : Theme.lead
            font.bold: true
            Accessible.ignored: true
        }

        Item {
            Layout.fillHeight: true
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: tile.down || tile.selected ? Theme.toneSoft(tile.tone) : Theme.surface
        border.width: tile.selected ? Theme.dp(6) : Theme.border
        border.color: tile.selected ? Theme.toneColor(tile.tone) : Theme.line

        Icon {
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Theme.dp(14)
            visible: tile.selected
            name: "circle-check"
            size: Theme.px(44)
            color: Theme.toneColor(tile.tone)
        }

        FocusRing {
            shown: tile.visualFocus
        }
    }
}
