pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// What has to be written for this item: one field after the other, prefilled from the card where possible.
// fields_<fieldId>, for a choice fields_<fieldId>_0 ….
VisitScreen {
    id: screen

    required property FieldsViewModel viewModel

    name: "fields"
    visit: viewModel
    title: viewModel.empty ? qsTr("这项不用填写") : qsTr("请填写")
    subtitle: viewModel.itemName
    primaryEnabled: true // pressing it shows what is missing

    EmptyState {
        Layout.alignment: Qt.AlignCenter
        Layout.fillWidth: true
        visible: screen.viewModel.empty
        title: qsTr("没有要填的内容")
        text: qsTr("直接按“下一步”，核对一遍就可以签名。")
    }

    ScrollColumn {
        Layout.fillWidth: true
        Layout.fillHeight: true
        visible: !screen.viewModel.empty

        GridLayout {
            Layout.fillWidth: true
            columns: Theme.largePrint ? 1 : 2
            columnSpacing: Theme.margin
            rowSpacing: Theme.dp(24)
            uniformCellWidths: true

            Repeater {
                model: screen.viewModel.fields

                FormField {
                    Layout.fillWidth: true
                    Layout.alignment: Qt.AlignTop
                    prefix: screen.name
                    onGiven: (fieldId, value) => screen.viewModel.setField(fieldId, value)
                }
            }
        }
    }
}
