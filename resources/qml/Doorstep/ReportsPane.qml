pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep.ViewModels

// The kept reports of self-tests, newest first.
ScrollColumn {
    id: pane

    required property TechnicianViewModel viewModel

    EmptyState {
        Layout.fillWidth: true
        Layout.alignment: Qt.AlignHCenter
        Layout.topMargin: Theme.gapLarge
        visible: rows.count === 0
        iconName: "clipboard-list"
        title: qsTr("还没有自检报告")
        text: qsTr("每次自检做完，报告都存在本机，并发给受理中心。")
    }

    Repeater {
        id: rows

        model: pane.viewModel.reports

        Panel {
            id: report

            required property int index
            required property string kind
            required property string when
            required property string word
            required property string lamp

            objectName: "report_" + index
            Layout.fillWidth: true
            implicitHeight: row.implicitHeight + Theme.dp(28)
            Accessible.role: Accessible.StaticText
            Accessible.name: [when, kind, word].join(", ")

            RowLayout {
                id: row

                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Theme.dp(24)
                spacing: Theme.gap

                Icon {
                    name: Theme.toneIcon(report.lamp)
                    color: Theme.toneColor(report.lamp)
                }

                Body {
                    Layout.fillWidth: true
                    Layout.preferredWidth: 2
                    text: report.when
                    font.bold: true
                    Accessible.ignored: true
                }

                Body {
                    Layout.fillWidth: true
                    Layout.preferredWidth: 2
                    text: report.kind
                    Accessible.ignored: true
                }

                Body {
                    Layout.fillWidth: true
                    Layout.preferredWidth: 1
                    text: report.word
                    font.bold: true
                    color: Theme.toneColor(report.lamp)
                    horizontalAlignment: Text.AlignRight
                    Accessible.ignored: true
                }
            }
        }
    }
}
