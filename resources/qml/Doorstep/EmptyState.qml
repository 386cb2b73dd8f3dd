import QtQuick
import QtQuick.Layouts

// What a screen says when there is nothing to list.
ColumnLayout {
    id: empty

    property string iconName: "circle-check"
    property string title: ""
    property string text: ""

    spacing: Theme.gap

    Icon {
        Layout.alignment: Qt.AlignHCenter
        name: empty.iconName
        size: Theme.px(110)
        color: Theme.accent
    }

    Heading {
        Layout.alignment: Qt.AlignHCenter
        text: empty.title
    }

    Body {
        Layout.alignment: Qt.AlignHCenter
        Layout.maximumWidth: Theme.px(1000)
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        visible: text !== ""
        text: empty.text
        color: Theme.muted
    }
}
