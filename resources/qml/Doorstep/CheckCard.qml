import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// A sentence to agree to, with a large box to tick. Bind `checked` to the view model and use `onToggled`.
T.CheckBox {
    id: card

    property string explanation: ""

    implicitWidth: Theme.dp(600)
    implicitHeight: implicitContentHeight + topPadding + bottomPadding
    padding: Theme.dp(22)
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.description: explanation
    Accessible.checkable: true
    Accessible.checked: checked
    Keys.onReturnPressed: {
        toggle();
        toggled();
    }

    indicator: Rectangle {
        x: card.leftPadding
        y: card.topPadding
        width: Theme.px(52)
        height: width
        radius: Theme.radiusSmall
        color: card.checked ? Theme.accent : Theme.surface
        border.width: Theme.dp(3)
        border.color: card.checked ? Theme.accent : Theme.lineStrong

        Icon {
            anchors.centerIn: parent
            visible: card.checked
            name: "check"
            size: Theme.px(44)
            color: Theme.accentInk
        }
    }

    contentItem: ColumnLayout {
        spacing: Theme.dp(4)

        Body {
            Layout.fillWidth: true
            Layout.leftMargin: card.indicator.width + Theme.dp(18)
            text: card.text
            font.pixelSize: Theme.lead
            font.bold: true
            Accessible.ignored: true
        }

        Caption {
            Layout.fillWidth: true
            Layout.leftMargin: card.indicator.width + Theme.dp(18)
            visible: text !== ""
            text: card.explanation
            Accessible.ignored: true
        }
    }

    background: Rectangle {
        radius: Theme.radius
        color: card.down || card.checked ? Theme.accentSoft : Theme.surface
        border.width: card.checked ? Theme.dp(4) : Theme.border
        border.color: card.checked ? Theme.accent : Theme.lineStrong

        FocusRing {
            shown: card.visualFocus
        }
    }
}
