pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Doorstep.ViewModels
import "keyboard"

// Our keyboard. It comes when a FieldInput gets the focus, lies over everything but the privacy cover, never takes
// the focus itself, and says its height in Theme.keyboardHeight so that nothing important lies under it.
T.Popup {
    id: keyboard

    required property Main window
    required property KeyboardModel model

    property bool dismissed: false
    readonly property FieldInput field: window.writing
    readonly property bool wanted: field !== null && !field.readOnly && field.enabled && !dismissed
    readonly property bool numbers: model.layout === "digits" || model.layout === "id_number"

    function press(text: string) {
        model.key(text);
    }

    objectName: "keyboard"
    parent: T.Overlay.overlay
    x: 0
    y: parent ? parent.height - height : 0
    z: 500
    width: parent ? parent.width : 0
    height: implicitContentHeight + topPadding + bottomPadding
    padding: Theme.dp(14)
    leftPadding: Theme.dp(24)
    rightPadding: Theme.dp(24)
    modal: false
    focus: false
    closePolicy: T.Popup.NoAutoClose
    visible: wanted
    onFieldChanged: {
        dismissed = false;
        if (field !== null)
            model.open(field.inputKind);
        else
            model.drop();
    }
    onVisibleChanged: Theme.keyboardHeight = visible ? height : 0
    onHeightChanged: {
        if (visible)
            Theme.keyboardHeight = height;
    }

    Connections {
        target: Session

        function onKeyboardAsked() {
            keyboard.dismissed = false;
        }
    }

    background: Rectangle {
        color: Theme.highContrast ? "#FFFFFF" : "#E4DFD2"

        Rectangle {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            height: Theme.border
            color: Theme.lineStrong
        }

        // Touches between the keys are not for the screen below.
        MouseArea {
            anchors.fill: parent
        }
    }

    contentItem: ColumnLayout {
        spacing: Theme.dp(10)

        CandidateBar {
            Layout.fillWidth: true
            visible: keyboard.model.layout === "pinyin"
            model: keyboard.model
        }

        // letters
        ColumnLayout {
            Layout.fillWidth: true
            visible: !keyboard.numbers
            spacing: Theme.dp(10)

            KeyRow {
                Layout.fillWidth: true
                visible: keyboard.model.layout !== "symbols"
                keys: ["q", "w", "e", "r", "t", "y", "u", "i", "o", "p"]
                shifted: keyboard.model.shifted
                onPressed: text => keyboard.press(text)
            }

            KeyRow {
                Layout.fillWidth: true
                visible: keyboard.model.layout !== "symbols"
                keys: ["a", "s", "d", "f", "g", "h", "j", "k", "l"]
                indent: 0.5
                shifted: keyboard.model.shifted
                onPressed: text => keyboard.press(text)
            }

            KeyRow {
                Layout.fillWidth: true
                visible: keyboard.model.layout === "symbols"
                keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
                onPressed: text => keyboard.press(text)
            }

            KeyRow {
                Layout.fillWidth: true
                visible: keyboard.model.layout === "symbols"
                keys: keyboard.model.technical ? [":", "=", "?", "&", "+", "%", "~", "*", "[", "]"] : ["路", "弄", "号", "室", "村", "组", "镇", "楼", "队", "宅"]
                onPressed: text => keyboard.press(text)
            }

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.dp(10)

                Key {
                    objectName: "keyShift"
                    Layout.preferredWidth: Theme.dp(200)
                    Layout.fillHeight: true
                    visible: keyboard.model.layout === "latin"
                    kind: keyboard.model.shifted ? "go" : "side"
                    iconName: "arrow-big-up"
                    Accessible.name: qsTr("大写")
                    onClicked: keyboard.model.shift()
                }

                Key {
                    objectName: "keyApostrophe"
                    Layout.preferredWidth: Theme.dp(200)
                    Layout.fillHeight: true
                    visible: keyboard.model.layout === "pinyin"
                    kind: "side"
                    text: qsTr("分词")
                    onClicked: keyboard.press("'")
                }

                KeyRow {
                    Layout.fillWidth: true
                    keys: keyboard.model.layout === "symbols" ? (keyboard.model.technical ? ["-", "/", "(", ")", ".", "@", "#", "_", ",", ";", "\\"] : ["-", "/", "(", ")", ".", "@", "#", "_", "、", "：", "；"]) : ["z", "x", "c", "v", "b", "n", "m"]
                    shifted: keyboard.model.shifted
                    onPressed: text => keyboard.press(text)
                }

                Key {
                    objectName: "keyBackspace"
                    Layout.preferredWidth: Theme.dp(200)
                    Layout.fillHeight: true
                    kind: "side"
                    iconName: "backspace"
                    autoRepeat: true
                    Accessible.name: qsTr("删除")
                    onClicked: keyboard.model.backspace()
                }
            }

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.dp(10)

                Key {
                    objectName: "keySymbols"
                    Layout.preferredWidth: Theme.dp(200)
                    kind: "side"
                    text: keyboard.model.layout === "symbols" ? qsTr("返回") : qsTr("数字符号")
                    onClicked: keyboard.model.toggleSymbols()
                }

                Key {
                    objectName: "keyLatin"
                    Layout.preferredWidth: Theme.dp(200)
                    visible: keyboard.model.layout !== "symbols"
                    kind: "side"
                    text: keyboard.model.layout === "latin" ? qsTr("换拼音") : qsTr("换英文")
                    onClicked: keyboard.model.toggleLatin()
                }

                Key {
                    Layout.preferredWidth: Theme.dp(110)
                    objectName: "keyLeftOfSpace"
                    text: keyboard.model.technical ? ":" : "，"
                    Accessible.name: keyboard.model.technical ? qsTr("冒号") : qsTr("逗号")
                    onClicked: keyboard.press(text)
                }

                Key {
                    objectName: "keySpace"
                    Layout.fillWidth: true
                    text: keyboard.model.composing === "" ? qsTr("空格") : qsTr("选第一个")
                    font.pixelSize: Theme.dp(32)
                    onClicked: keyboard.model.space()
                }

                Key {
                    Layout.preferredWidth: Theme.dp(110)
                    objectName: "keyRightOfSpace"
                    text: keyboard.model.technical ? "/" : "。"
                    Accessible.name: keyboard.model.technical ? qsTr("斜杠") : qsTr("句号")
                    onClicked: keyboard.press(text)
                }

                Key {
                    objectName: "keyHide"
                    Layout.preferredWidth: Theme.dp(140)
                    kind: "side"
                    iconName: "keyboard-hide"
                    Accessible.name: qsTr("收起键盘")
                    onClicked: keyboard.dismissed = true
                }

                Key {
                    objectName: "keyEnter"
                    Layout.preferredWidth: Theme.dp(260)
                    kind: "go"
                    text: qsTr("完成")
                    onClicked: keyboard.done()
                }
            }
        }

        // numbers: a block of large keys in the middle
        GridLayout {
            Layout.alignment: Qt.AlignHCenter
            visible: keyboard.numbers
            columns: 4
            rowSpacing: Theme.dp(10)
            columnSpacing: Theme.dp(10)

            Repeater {
                model: ["1", "2", "3", "back", "4", "5", "6", "hide", "7", "8", "9", "x", "", "0", "", "enter"]

                Key {
                    id: number

                    required property string modelData
                    readonly property bool sign: modelData.length === 1 && modelData !== "x"

                    objectName: "key_" + modelData
                    Layout.preferredWidth: Theme.dp(240)
                    Layout.preferredHeight: Theme.dp(88)
                    enabled: modelData !== "" && (modelData !== "x" || keyboard.model.layout === "id_number")
                    opacity: enabled ? 1 : 0
                    kind: sign || modelData === "x" ? "plain" : modelData === "enter" ? "go" : "side"
                    font.bold: sign || modelData === "x"
                    text: sign ? modelData : modelData === "x" ? "X" : modelData === "enter" ? qsTr("完成") : ""
                    iconName: modelData === "back" ? "backspace" : modelData === "hide" ? "keyboard-hide" : ""
                    autoRepeat: modelData === "back"
                    Accessible.ignored: !enabled
                    Accessible.name: modelData === "back" ? qsTr("删除") : modelData === "hide" ? qsTr("收起键盘") : text
                    onClicked: {
                        if (modelData === "back")
                            keyboard.model.backspace();
                        else if (modelData === "hide")
                            keyboard.dismissed = true;
                        else if (modelData === "enter")
                            keyboard.done();
                        else
                            keyboard.press(number.text);
                    }
                }
            }
        }
    }

    // Letters being composed go in first; then the field is finished and the keyboard leaves.
    function done() {
        const composing = model.composing !== "";
        model.enter();
        if (!composing)
            dismissed = true;
    }
}
