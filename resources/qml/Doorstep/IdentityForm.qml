pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Name and ID number by hand, with the reason. The reason is recorded in Chinese whatever the language of the screen.
Sheet {
    id: form

    required property string prefix
    required property IdentifyViewModel viewModel
    property string reason: ""
    property bool checked: false
    readonly property string numberTrouble: viewModel.idNumberTrouble(number.text)
    readonly property bool complete: person.text.trim() !== "" && numberTrouble === "" && reason !== ""

    title: qsTr("手工填写身份信息")
    wide: true
    primaryText: qsTr("填好了")
    primaryEnabled: complete
    secondaryText: qsTr("返回")
    onOpened: person.input.forceActiveFocus()
    onClosed: {
        person.text = "";
        number.text = "";
        reason = "";
        checked = false;
    }
    closeOnPrimary: false
    onPrimaryClicked: {
        viewModel.identifyByHand(person.text, number.text, reason);
        close();
    }

    GridLayout {
        Layout.fillWidth: true
        columns: 2
        columnSpacing: Theme.gapLarge
        rowSpacing: Theme.gapSmall

        Field {
            id: person

            objectName: form.prefix + "_name"
            Layout.fillWidth: true
            Layout.preferredWidth: 2
            Layout.alignment: Qt.AlignTop
            label: qsTr("姓名")
            inputKind: "pinyin"
            maximumLength: 60
        }

        Field {
            id: number

            objectName: form.prefix + "_idNumber"
            Layout.fillWidth: true
            Layout.preferredWidth: 3
            Layout.alignment: Qt.AlignTop
            label: qsTr("身份证号（18 位）")
            inputKind: "id_number"
            maximumLength: 18
            errorText: text !== "" && (text.length >= 18 || form.checked) ? form.numberTrouble : ""
            onCommitted: form.checked = true
        }
    }

    ColumnLayout {
        Layout.fillWidth: true
        spacing: Theme.dp(6)

        Caption {
            Layout.fillWidth: true
            text: qsTr("为什么手工填写？")
            font.bold: true
        }

        Flow {
            Layout.fillWidth: true
            spacing: Theme.gapSmall

            Repeater {
                model: [["没有带证件", qsTr("没有带证件")], ["证件读不出来", qsTr("证件读不出来")], ["证件正在补办", qsTr("证件正在补办")], ["读卡设备故障", qsTr("读卡设备故障")]]

                Chip {
                    required property int index
                    required property var modelData

                    objectName: form.prefix + "_reason_" + index
                    text: modelData[1]
                    selected: form.reason === modelData[0]
                    onClicked: form.reason = modelData[0]
                }
            }
        }
    }
}
