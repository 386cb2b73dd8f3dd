pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts

// One field of an item's form, by its kind: text, telephone, id_number, date, number, choice.
ColumnLayout {
    id: row

    required property string fieldId
    required property string label
    required property string kind
    required property string value
    required property bool required
    required property string error
    required property bool prefilled
    required property var choices
    property string prefix: ""

    readonly property string caption: required ? label : qsTr("%1（可以不填）").arg(label)
    readonly property bool isChoice: kind === "choice"

    signal given(string fieldId, string value)

    spacing: Theme.gapSmall

    // What is being written is not overwritten by its own echo.
    onValueChanged: {
        if (!line.input.activeFocus)
            line.text = value;
    }
    Component.onCompleted: line.text = value

    Field {
        id: line

        objectName: row.prefix + "_" + row.fieldId
        Layout.fillWidth: true
        visible: !row.isChoice
        label: row.caption
        inputKind: row.kind === "text" ? "pinyin" : row.kind === "id_number" ? "id_number" : "digits"
        placeholder: row.kind === "date" ? qsTr("八位数字，如 19490501") : row.kind === "telephone" ? qsTr("手机或座机号码") : ""
        errorText: row.error
        hintText: row.prefilled ? qsTr("已从证件自动填好，请核对") : ""
        onEdited: text => row.given(row.fieldId, text)
        onCommitted: text => {
            if (text !== row.value)
                row.given(row.fieldId, text);
            tidied.restart();
        }
    }

    // once the echo of the last key is here, the value is shown as it is kept (a date as yyyy-mm-dd)
    Timer {
        id: tidied

        interval: 500
        onTriggered: {
            if (!line.input.activeFocus)
                line.text = row.value;
        }
    }

    Body {
        Layout.fillWidth: true
        visible: row.isChoice
        text: row.caption
        font.bold: true
    }

    Flow {
        Layout.fillWidth: true
        visible: row.isChoice
        spacing: Theme.gapSmall

        Repeater {
            model: row.isChoice ? row.choices.length : 0 // by number, see ReviewScreen

            Chip {
                required property int index
                readonly property var choice: row.choices[index] ?? ({
                        "label": "",
                        "value": ""
                    })

                objectName: row.prefix + "_" + row.fieldId + "_" + index
                text: choice.label
                selected: row.value === choice.value
                Accessible.name: row.label + ": " + text
                onClicked: row.given(row.fieldId, choice.value)
            }
        }
    }

    RowLayout {
        Layout.fillWidth: true
        visible: row.isChoice && (row.error !== "" || row.prefilled)
        spacing: Theme.dp(8)

        Icon {
            visible: row.error !== ""
            name: "alert-triangle"
            size: Theme.px(30)
            color: Theme.danger
        }

        Caption {
            Layout.fillWidth: true
            text: row.error !== "" ? row.error : qsTr("已从证件自动填好，请核对")
            color: row.error !== "" ? Theme.danger : Theme.muted
        }
    }
}
