import QtQuick
import QtQuick.Layouts

// One thing to write. inputKind: text | digits | id_number | latin | technical | pinyin says which of our keyboards opens
// (text and pinyin are the same). `edited` is sent while typing, `accepted` on return, `committed` when the focus goes.
// Bind `text` to the view model; a value that arrives from outside replaces the shown one only when it differs.
FocusScope {
    id: field

    property string label: ""
    property string text: ""
    property string placeholder: ""
    property string errorText: ""
    property string hintText: ""
    property string inputKind: "text"
    property string iconName: ""
    property bool clearable: false
    property bool readOnly: false
    property bool secret: false
    property int maximumLength: 200
    readonly property alias input: line

    signal edited(string text)
    signal accepted
    signal committed(string text)

    implicitWidth: Theme.px(480)
    implicitHeight: column.implicitHeight
    onTextChanged: {
        if (line.text !== text)
            line.text = text;
    }
    Component.onCompleted: line.text = text

    ColumnLayout {
        id: column

        anchors.left: parent.left
        anchors.right: parent.right
        spacing: Theme.dp(6)

        Body {
            Layout.fillWidth: true
            visible: text !== ""
            text: field.label
            font.bold: true
            Accessible.ignored: true
        }

        Rectangle {
            id: box

            Layout.fillWidth: true
            implicitHeight: Theme.targetLarge
            radius: Theme.radiusSmall
            color: field.readOnly ? Theme.surfaceSunken : Theme.surface
            border.width: line.activeFocus ? Theme.dp(4) : Theme.border
            border.color: field.errorText !== "" ? Theme.danger : line.activeFocus ? Theme.focusRing : Theme.lineStrong

            RowLayout {
                anchors.fill: parent
                anchors.leftMargin: Theme.dp(20)
                anchors.rightMargin: Theme.dp(8)
                spacing: Theme.dp(14)

                Icon {
                    visible: field.iconName !== ""
                    name: field.iconName
                    color: Theme.muted
                }

                FieldInput {
                    id: line

                    objectName: field.objectName === "" ? "" : field.objectName + "Input"
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    focus: true
                    inputKind: field.inputKind
                    revealItem: field
                    placeholder: field.placeholder
                    readOnly: field.readOnly
                    echoMode: field.secret ? TextInput.Password : TextInput.Normal
                    maximumLength: field.maximumLength
                    Accessible.name: field.label !== "" ? field.label : field.placeholder
                    Accessible.description: field.errorText !== "" ? field.errorText : field.hintText
                    onTextEdited: {
                        field.text = text;
                        field.edited(text);
                    }
                    onAccepted: field.accepted()
                    onActiveFocusChanged: {
                        if (!activeFocus)
                            field.committed(text);
                    }
                }

                IconButton {
                    objectName: "clearText"
                    visible: field.clearable && line.text !== "" && !field.readOnly
                    focusPolicy: Qt.NoFocus
                    label: qsTr("清空")
                    iconName: "x"
                    onClicked: {
                        line.clear();
                        field.text = "";
                        field.edited("");
                    }
                }
            }
        }

        RowLayout {
            Layout.fillWidth: true
            visible: field.errorText !== "" || field.hintText !== ""
            spacing: Theme.dp(8)

            Icon {
                visible: field.errorText !== ""
                name: "alert-triangle"
                size: Theme.px(30)
                color: Theme.danger
            }

            Caption {
                Layout.fillWidth: true
                text: field.errorText !== "" ? field.errorText : field.hintText
                color: field.errorText !== "" ? Theme.danger : Theme.muted
            }
        }
    }
}
