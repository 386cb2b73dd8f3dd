import QtQuick

// The keyboard focus, outside the control's own frame.
Rectangle {
    property bool shown: false

    anchors.fill: parent
    anchors.margins: -Theme.dp(6)
    visible: shown
    color: "transparent"
    radius: Theme.radius + Theme.dp(6)
    border.width: Theme.dp(4)
    border.color: Theme.focusRing
    Accessible.ignored: true
}
