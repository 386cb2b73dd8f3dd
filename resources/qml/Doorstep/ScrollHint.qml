import QtQuick

// A broad bar that shows where one is and that there is more. Put it inside the Flickable it belongs to.
Rectangle {
    id: hint

    required property Flickable flickable
    readonly property real share: flickable.contentHeight > 0 ? flickable.height / flickable.contentHeight : 1

    parent: flickable
    visible: share < 0.999
    anchors.right: parent.right
    width: Theme.dp(10)
    height: Math.max(Theme.dp(60), flickable.height * share)
    y: (flickable.height - height) * (flickable.contentHeight > flickable.height ? Math.max(0, Math.min(1, flickable.contentY / (flickable.contentHeight - flickable.height))) : 0)
    radius: width / 2
    color: Theme.lineStrong
    Accessible.ignored: true
}
