pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// For those who help from afar: one file about the station, and recordings of what goes over the devices' wires.
ScrollColumn {
    id: pane

    required property TechnicianViewModel viewModel

    signal deletionAsked(name: string)

    Panel {
        Layout.fillWidth: true
        implicitHeight: bundle.implicitHeight + Theme.dp(40)

        ColumnLayout {
            id: bundle

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Theme.dp(24)
            spacing: Theme.gapSmall

            RowLayout {
                Layout.fillWidth: true
                spacing: Theme.gap

                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: Theme.dp(4)

                    Body {
                        Layout.fillWidth: true
                        text: qsTr("诊断包")
                        font.pixelSize: Theme.lead
                        font.bold: true
                    }

                    Body {
                        Layout.fillWidth: true
                        text: qsTr("把设置、设备编号、自检结果和运行记录放进一个文件，交给技术支持。里面没有居民信息，也没有密码。插了 U 盘就存到 U 盘。")
                    }
                }

                ActionButton {
                    objectName: "makeBundle"
                    kind: "primary"
                    enabled: !pane.viewModel.bundling
                    busy: pane.viewModel.bundling
                    text: pane.viewModel.bundling ? qsTr("正在生成…") : qsTr("生成诊断包")
                    iconName: "file-plus"
                    onClicked: pane.viewModel.makeBundle()
                }
            }

            ProgressLine {
                objectName: "bundleProgress"
                Layout.fillWidth: true
                visible: pane.viewModel.bundling
                indeterminate: true
                label: qsTr("正在生成诊断包")
            }
        }
    }

    Panel {
        Layout.fillWidth: true
        implicitHeight: traffic.implicitHeight + Theme.dp(40)

        ColumnLayout {
            id: traffic

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Theme.dp(24)
            spacing: Theme.gapSmall

            Body {
                Layout.fillWidth: true
                text: qsTr("录制设备通信")
                font.pixelSize: Theme.lead
                font.bold: true
            }

            Body {
                objectName: "recordingRule"
                Layout.fillWidth: true
                text: qsTr("有居民在办理时不能录制，开始办理就自动停。录下来的不含卡号、姓名、照片，也不含码的内容。")
            }

            GridLayout {
                Layout.fillWidth: true
                columns: Theme.tight ? 1 : 2
                columnSpacing: Theme.gap
                rowSpacing: Theme.dp(8)

                Repeater {
                    model: pane.viewModel.wires

                    Toggle {
                        id: wire

                        required property string key
                        required property string label
                        required property bool recording

                        objectName: "record_" + key
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        text: recording ? qsTr("%1：正在录制").arg(label) : label
                        checked: recording
                        // shows what is so, not what was asked for: recording may be refused
                        onToggled: {
                            pane.viewModel.record(key, checked);
                            checked = Qt.binding(() => wire.recording);
                        }
                    }
                }
            }
        }
    }

    Body {
        Layout.fillWidth: true
        visible: kept.count > 0
        text: qsTr("存着的录制")
        font.bold: true
    }

    Repeater {
        id: kept

        model: pane.viewModel.recordings

        Panel {
            id: tape

            required property string name
            required property string label
            required property string size

            objectName: "recording_" + name
            Layout.fillWidth: true
            implicitHeight: row.implicitHeight + Theme.dp(24)

            RowLayout {
                id: row

                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.leftMargin: Theme.dp(24)
                anchors.rightMargin: Theme.dp(12)
                spacing: Theme.gap

                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: 0

                    Body {
                        Layout.fillWidth: true
                        text: tape.label
                        font.bold: true
                    }

                    Caption {
                        Layout.fillWidth: true
                        text: tape.name
                        wrapMode: Text.WrapAnywhere
                    }
                }

                Body {
                    text: tape.size
                }

                ActionButton {
                    objectName: "delete_" + tape.name
                    text: qsTr("删除")
                    iconName: "trash"
                    Accessible.name: qsTr("删除录制 %1").arg(tape.name)
                    onClicked: pane.deletionAsked(tape.name)
                }
            }
        }
    }
}
