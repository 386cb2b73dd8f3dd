pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts

// Digits for a PIN; dots, never the digits, are shown. A physical keyboard works as well.
// `entered(pin)` on 确认; the caller clears with clear() when the PIN was wrong.
FocusScope {
    id: pad

    property int minimumLength: 6
    property int maximumLength: 12
    property string label: qsTr("密码")
    property string confirmText: qsTr("确认")
    property bool onDark: false
    property real keySize: Theme.px(92)
    property string pin: ""

    signal entered(string pin)

    function clear() {
        pin = "";
    }

    function press(digit: string) {
        if (pin.length < maximumLength)
            pin += digit;
    }

    function confirm() {
        if (pin.length >= minimumLength)
            entered(pin);
    }

    implicitWidth: grid.implicitWidth
    implicitHeight: column.implicitHeight
    activeFocusOnTab: true
    Accessible.role: Accessible.Grouping
    Accessible.name: label
    Accessible.description: qsTr("已输入 %1 位").arg(pin.length)
    Keys.onPressed: event => {
        if (event.key >= Qt.Key_0 && event.key <= Qt.Key_9)
            press(event.text);
        else if (event.key === Qt.Key_Backspace)
            pin = pin.slice(0, -1);
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            confirm();
        else
            return;
        event.accepted = true;
    }

    ColumnLayout {
        id: column

        anchors.horizontalCenter: parent.horizontalCenter
        spacing: Theme.dp(14)

        Rectangle {
            Layout.fillWidth: true
            implicitHeight: Theme.px(72)
            radius: Theme.radiusSmall
            color: Theme.surface
            border.width: pad.activeFocus ? Theme.dp(4) : Theme.border
            border.color: pad.activeFocus ? Theme.focusRing : Theme.lineStrong

            Text {
                anchors.centerIn: parent
                visible: pad.pin === ""
                text: pad.label
                font.family: Theme.fontFamily
                font.pixelSize: Theme.body
                color: Theme.muted
                Accessible.ignored: true
            }

            Row {
                anchors.centerIn: parent
                spacing: Theme.dp(14)

                Repeater {
                    model: pad.pin.length

                    Rectangle {
                        width: Theme.px(18)
                        height: width
                        radius: width / 2
                        color: Theme.ink
                    }
                }
            }
        }

        GridLayout {
            id: grid

            columns: 3
            rowSpacing: Theme.dp(12)
            columnSpacing: Theme.dp(12)

            Repeater {
                model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "back", "0", "ok"]

                ActionButton {
                    required property string modelData

                    objectName: "pin_" + modelData
                    Layout.preferredWidth: pad.keySize * 1.35
                    Layout.preferredHeight: pad.keySize
                    Layout.fillWidth: true
                    leftPadding: Theme.dp(4)
                    focusPolicy: Qt.NoFocus
                    kind: modelData === "ok" ? "primary" : "secondary"
                    enabled: modelData !== "ok" || pad.pin.length >= pad.minimumLength
                    text: modelData === "ok" ? pad.confirmText : modelData === "back" ? "" : modelData
                    iconName: modelData === "back" ? "backspace" : ""
                    font.pixelSize: modelData === "ok" ? Theme.lead : Theme.title
                    font.bold: true
                    Accessible.name: modelData === "back" ? qsTr("删除一位") : text
                    onClicked: {
                        pad.forceActiveFocus();
                        if (modelData === "ok")
                            pad.confirm();
                        else if (modelData === "back")
                            pad.pin = pad.pin.slice(0, -1);
                        else
                            pad.press(modelData);
                    }
                }
            }
        }
    }
}
