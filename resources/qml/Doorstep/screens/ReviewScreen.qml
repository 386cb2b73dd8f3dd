pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Everything read back before it is signed. review_page_0 … (over all materials) enlarge; review_editMaterials and
// review_editFields lead back.
VisitScreen {
    id: screen

    required property ReviewViewModel viewModel

    name: "review"
    visit: viewModel
    title: qsTr("请核对一遍，有不对的还可以改")
    nextText: viewModel.correction ? qsTr("没错，重新提交") : qsTr("没错，去签名")

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gapLarge

        ScrollColumn {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            spacing: Theme.dp(16)

            Panel {
                Layout.fillWidth: true
                visible: screen.viewModel.itemName !== ""
                implicitHeight: itemColumn.implicitHeight + Theme.dp(40)

                ColumnLayout {
                    id: itemColumn

                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.top: parent.top
                    anchors.margins: Theme.dp(20)
                    spacing: 0

                    Caption {
                        Layout.fillWidth: true
                        text: [qsTr("办什么"), screen.viewModel.department].filter(part => part !== "").join(" · ")
                    }

                    Heading {
                        Layout.fillWidth: true
                        text: screen.viewModel.itemName
                    }

                }
            }

            PersonCard {
                Layout.fillWidth: true
                visible: screen.viewModel.applicant.known
                heading: screen.viewModel.proxy.known ? qsTr("申请人") : qsTr("谁来办")
                name: screen.viewModel.applicant.name
                photo: screen.viewModel.applicant.photo
                idNumber: qsTr("证件号 %1").arg(screen.viewModel.applicant.idNumber)
            }

            PersonCard {
                Layout.fillWidth: true
                visible: screen.viewModel.proxy.known
                heading: qsTr("代办人")
                name: screen.viewModel.proxy.name
                photo: screen.viewModel.proxy.photo
                idNumber: qsTr("证件号 %1").arg(screen.viewModel.proxy.idNumber)
            }

            Panel {
                Layout.fillWidth: true
                visible: screen.viewModel.hasFields
                implicitHeight: fieldColumn.implicitHeight + Theme.dp(40)

                ColumnLayout {
                    id: fieldColumn

                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.top: parent.top
                    anchors.margins: Theme.dp(20)
                    spacing: Theme.dp(10)

                    Caption {
                        Layout.fillWidth: true
                        text: qsTr("填写的内容")
                    }

                    Repeater {
                        model: screen.viewModel.fields

                        ColumnLayout {
                            id: answer

                            required property string label
                            required property string value

                            Layout.fillWidth: true
                            spacing: 0

                            Caption {
                                Layout.fillWidth: true
                                text: answer.label
                            }

                            Body {
                                Layout.fillWidth: true
                                text: answer.value === "" ? qsTr("（没有填）") : answer.value
                                font.pixelSize: Theme.lead
                                color: answer.value === "" ? Theme.muted : Theme.ink
                            }
                        }
                    }

                    ActionButton {
                        objectName: "review_editFields"
                        Layout.topMargin: Theme.dp(6)
                        visible: !screen.viewModel.correction
                        iconName: "edit"
                        text: qsTr("改填写的内容")
                        onClicked: screen.viewModel.editFields()
                    }
                }
            }
        }

        Panel {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1

            ScrollColumn {
                anchors.fill: parent
                anchors.margins: Theme.dp(20)
                spacing: Theme.dp(14)

                Caption {
                    Layout.fillWidth: true
                    text: qsTr("拍下的材料，点一下放大看")
                }

                Repeater {
                    model: screen.viewModel.materials

                    ColumnLayout {
                        id: material

                        required property int index
                        required property string name
                        required property var pages

                        Layout.fillWidth: true
                        spacing: Theme.gapSmall

                        Body {
                            Layout.fillWidth: true
                            text: material.pages.length > 0 ? qsTr("%1（%n 页）", "", material.pages.length).arg(material.name) : qsTr("%1（没有拍）").arg(material.name)
                            font.bold: true
                        }

                        Flow {
                            Layout.fillWidth: true
                            visible: material.pages.length > 0
                            spacing: Theme.gapSmall

                            // by number: Qt 6.11 may crash when an array that is a model is replaced
                            Repeater {
                                model: material.pages.length

                                PageThumbnail {
                                    required property int index

                                    objectName: "review_page_" + material.index + "_" + index
                                    implicitWidth: Theme.px(150)
                                    implicitHeight: Theme.px(150)
                                    source: material.pages[index] ?? ""
                                    label: qsTr("%1 第 %2 页").arg(material.name).arg(index + 1)
                                    onClicked: sheet.show(label, source)
                                }
                            }
                        }
                    }
                }

                ActionButton {
                    objectName: "review_editMaterials"
                    Layout.topMargin: Theme.dp(6)
                    iconName: "camera"
                    text: qsTr("重拍或再加材料")
                    onClicked: screen.viewModel.editMaterials()
                }
            }
        }
    }

    Sheet {
        id: sheet

        property string source: ""

        function show(name: string, picture: string) {
            title = name;
            source = picture;
            open();
        }

        wide: true
        secondaryText: qsTr("看好了")

        Image {
            Layout.fillWidth: true
            Layout.preferredHeight: Theme.windowHeight * 0.55
            source: sheet.visible ? sheet.source : ""
            fillMode: Image.PreserveAspectFit
            asynchronous: true
            cache: false
            Accessible.role: Accessible.Graphic
            Accessible.name: sheet.title
        }
    }
}
