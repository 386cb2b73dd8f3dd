pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// 好差评: five levels as faces with words, a few words if one likes, and "rather not" as easy to reach.
// rating_5 … rating_1, rating_comment_0 …, rating_skip, rating_next.
VisitScreen {
    id: screen

    required property RatingViewModel viewModel
    property int level: 0
    property string comment: ""

    name: "rating"
    visit: viewModel
    cancellable: false
    leadsOn: false
    leftText: ""
    title: qsTr("这次服务，您满意吗？")
    subtitle: qsTr("评价直接交给受理中心，帮办员不能改。不想评价也没关系。")

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.maximumHeight: Theme.px(420)
        spacing: Theme.gap
        uniformCellSizes: true

        Repeater {
            model: [
                {
                    "level": 5,
                    "words": qsTr("非常满意"),
                    "face": "mood-happy",
                    "tone": "good"
                },
                {
                    "level": 4,
                    "words": qsTr("满意"),
                    "face": "mood-smile",
                    "tone": "good"
                },
                {
                    "level": 3,
                    "words": qsTr("基本满意"),
                    "face": "mood-empty",
                    "tone": "accent"
                },
                {
                    "level": 2,
                    "words": qsTr("不满意"),
                    "face": "mood-sad",
                    "tone": "warning"
                },
                {
                    "level": 1,
                    "words": qsTr("非常不满意"),
                    "face": "mood-cry",
                    "tone": "danger"
                }
            ]

            FaceTile {
                required property var modelData

                objectName: "rating_" + modelData.level
                Layout.fillWidth: true
                Layout.fillHeight: true
                text: modelData.words
                face: modelData.face
                tone: modelData.tone
                selected: screen.level === modelData.level
                onClicked: {
                    screen.level = modelData.level;
                    screen.comment = "";
                }
            }
        }
    }

    Flow {
        Layout.fillWidth: true
        visible: screen.level > 0
        spacing: Theme.gapSmall

        Body {
            height: Theme.target
            verticalAlignment: Text.AlignVCenter
            rightPadding: Theme.gapSmall
            text: screen.level >= 3 ? qsTr("好在哪里？（可不选）") : qsTr("哪里不好？（可不选）")
        }

        Repeater {
            // sent in Chinese, for the centre
            model: screen.level >= 3 ? [["服务热情", qsTr("服务热情")], ["办得快", qsTr("办得快")], ["讲得明白", qsTr("讲得明白")]] : [["等得太久", qsTr("等得太久")], ["没讲明白", qsTr("没讲明白")], ["机器不好用", qsTr("机器不好用")], ["态度不好", qsTr("态度不好")]]

            Chip {
                required property int index
                required property var modelData

                objectName: "rating_comment_" + index
                text: modelData[1]
                selected: screen.comment === modelData[0]
                onClicked: screen.comment = selected ? "" : modelData[0]
            }
        }
    }

    Item {
        Layout.fillHeight: true
        Layout.preferredHeight: 0
    }

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gap
        uniformCellSizes: true

        ActionButton {
            objectName: "rating_skip"
            Layout.fillWidth: true
            large: true
            text: qsTr("不评价")
            onClicked: screen.viewModel.rate(0, "")
        }

        ActionButton {
            objectName: "rating_next"
            Layout.fillWidth: true
            large: true
            kind: "primary"
            iconName: "check"
            text: qsTr("提交评价")
            enabled: screen.level > 0
            onClicked: screen.viewModel.rate(screen.level, screen.comment)
        }
    }
}
