import QtQuick

// A square button with an icon and no visible words; `label` is its name for assistive technology and is required.
ActionButton {
    required property string label

    kind: "quiet"
    implicitWidth: Theme.target
    implicitHeight: Theme.target
    leftPadding: Theme.dp(8)
    topPadding: Theme.dp(8)
    bottomPadding: Theme.dp(8)
    Accessible.name: label
}
