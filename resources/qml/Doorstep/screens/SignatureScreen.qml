import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// What is signed for, and a large place to sign. signature_pad, signature_undo, signature_clear.
VisitScreen {
    id: screen

    required property SignatureViewModel viewModel

    name: "signature"
    visit: viewModel
    title: qsTr("请 %1 签名").arg(viewModel.signer)
    nextText: qsTr("签好了，提交")

    Panel {
        Layout.fillWidth: true
        implicitHeight: statement.implicitHeight + Theme.dp(28)

        Body {
            id: statement

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Theme.dp(24)
            anchors.rightMargin: Theme.dp(24)
            text: screen.viewModel.actingForOther ? qsTr("我受 %1 委托，代为申请“%2”。刚才核对的内容和拍下的材料都是真实的，同意交给受理中心办理。").arg(screen.viewModel.applicantName).arg(screen.viewModel.itemName) : qsTr("我申请“%1”。刚才核对的内容和拍下的材料都是真实的，同意交给受理中心办理。").arg(screen.viewModel.itemName)
        }
    }

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        spacing: Theme.gap

        SignaturePad {
            id: pad

            objectName: "signature_pad"
            Layout.fillWidth: true
            Layout.fillHeight: true
            hint: qsTr("用手指在这里写名字")
            kept: screen.viewModel.source
            onChanged: {
                if (empty)
                    screen.viewModel.clear();
                else
                    screen.viewModel.sign(strokes, width, height);
            }
        }

        ColumnLayout {
            Layout.fillWidth: false
            Layout.fillHeight: true
            spacing: Theme.gap

            RowLayout {
                Layout.alignment: Qt.AlignHCenter
                opacity: screen.viewModel.signed ? 1 : 0
                spacing: Theme.gapSmall

                Icon {
                    name: "circle-check"
                    color: Theme.good
                }

                Body {
                    text: qsTr("已签名")
                    color: Theme.good
                    font.bold: true
                }
            }

            Item {
                Layout.fillHeight: true
            }

            ActionButton {
                objectName: "signature_undo"
                Layout.fillWidth: true
                iconName: "arrow-left"
                text: qsTr("退一笔")
                enabled: !pad.empty
                onClicked: pad.undo()
            }

            ActionButton {
                objectName: "signature_clear"
                Layout.fillWidth: true
                iconName: "refresh"
                text: qsTr("擦掉重写")
                enabled: !pad.empty || screen.viewModel.signed
                onClicked: pad.clear()
            }
        }
    }
}
