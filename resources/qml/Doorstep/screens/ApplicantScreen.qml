import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// Acting for another: who the applicant is.
VisitScreen {
    id: screen

    required property IdentifyViewModel viewModel

    name: "applicant"
    visit: viewModel
    title: viewModel.person.known ? qsTr("请核对：您是替这位办理吗？") : qsTr("请出示申请人的证件")
    subtitle: qsTr("代办人：%1。下一步会请您拍下申请人的书面委托书。").arg(viewModel.proxy.name)
    nextText: viewModel.person.known ? qsTr("是的，下一步") : qsTr("下一步")

    IdentityWays {
        Layout.fillWidth: true
        Layout.fillHeight: true
        prefix: screen.name
        forOther: true
        viewModel: screen.viewModel
    }
}
